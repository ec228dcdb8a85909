/**
 * The evidence report: gathers results (tests, proofs, conformance, golden vectors), puts them beside the traceability
 * matrix, and writes {@code evidence.json} (schema: {@code spec/schema/evidence.schema.json}) and {@code index.html}.
 *
 * <p>{@link org.threehalf.proofs.evidence.Evidence} gathers facts, {@code Judgement} derives everything else from them,
 * here and when a {@link org.threehalf.proofs.evidence.Bundle} is verified.
 *
 * <p>It may depend on {@code org.threehalf.proofs.trace}, {@code org.threehalf.kernels.io}, Jackson, a validator of
 * JSON schemas and JMustache. What was not checked comes first, always.
 */
@NullMarked
package org.threehalf.proofs.evidence;

import org.jspecify.annotations.NullMarked;
