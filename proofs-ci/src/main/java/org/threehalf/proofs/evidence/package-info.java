/**
 * The evidence report: gathers results (tests, proofs, conformance, golden vectors), puts them beside the traceability matrix, and
 * writes {@code evidence.json} (schema: {@code spec/schema/evidence.schema.json}) and {@code index.html}.
 *
 * <p>It may depend on {@code org.threehalf.proofs.trace}, {@code org.threehalf.kernels.io}, Jackson and JMustache. What was not checked comes first, always.
 */
@NullMarked
package org.threehalf.proofs.evidence;

import org.jspecify.annotations.NullMarked;
