/**
 * The evidence report: gathers results (tests, proofs, conformance, golden vectors), puts them beside the traceability
 * matrix, and writes {@code evidence.json} (schema: {@code spec/schema/evidence.schema.json}) and {@code index.html}.
 *
 * <p>{@link org.threehalf.evidence.report.Evidence} gathers facts, {@code Judgement} derives everything else from them,
 * here and when a {@link org.threehalf.evidence.report.Bundle} is verified.
 *
 * <p>It may depend on {@code org.threehalf.evidence.trace}, {@code org.threehalf.lean}, {@code org.threehalf.jml},
 * {@code org.threehalf.kernels.io}, Jackson, a validator of JSON schemas and JMustache. What was not checked comes
 * first, always.
 */
@NullMarked
package org.threehalf.evidence.report;

import org.jspecify.annotations.NullMarked;
