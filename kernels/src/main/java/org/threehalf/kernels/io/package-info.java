/**
 * Files that are there whole or not at all, the hash that results name them by, and the words in which results say what
 * a check came to: what every module that writes results has in common. Depends on nothing.
 */
@NullMarked
package org.threehalf.kernels.io;

import org.jspecify.annotations.NullMarked;
