/**
 * Files that are there whole or not at all, and the hash that results name them by: what every module that writes
 * results has in common. Depends on nothing.
 */
@NullMarked
package org.threehalf.kernels.io;

import org.jspecify.annotations.NullMarked;
