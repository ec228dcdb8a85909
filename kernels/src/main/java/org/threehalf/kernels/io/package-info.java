/** Files that are there whole or not at all: what every module that writes results has in common. Depends on nothing. */
@NullMarked
package org.threehalf.kernels.io;

import org.jspecify.annotations.NullMarked;
