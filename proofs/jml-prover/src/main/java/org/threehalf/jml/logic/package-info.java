/** Terms of SMT-LIB 2, and how they are made, taken apart and printed. Depends on the JDK alone. */
@NullMarked
package org.threehalf.jml.logic;

import org.jspecify.annotations.NullMarked;
