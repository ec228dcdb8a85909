/**
 * A typed builder of LLVM IR, as far as the kernels need it: integers, vectors of integers, pointers, counted loops. It
 * writes text, so what it builds can be read and tested without LLVM; every operation checks the types of its operands
 * first and throws {@link org.threehalf.backends.llvm.ir.IllTypedException}.
 */
@NullMarked
package org.threehalf.backends.llvm.ir;

import org.jspecify.annotations.NullMarked;
