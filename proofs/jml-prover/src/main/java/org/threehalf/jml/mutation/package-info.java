/**
 * Puts small faults into methods and asks whether their contracts notice: a contract that is proved of a faulty method
 * says too little. May depend on all of the prover.
 */
@NullMarked
package org.threehalf.jml.mutation;

import org.jspecify.annotations.NullMarked;
