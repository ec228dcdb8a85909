/**
 * The golden vectors of {@code spec/vectors} as records: one a kind of case.
 *
 * <p>The files are emitted by the Lean definitions; their JSON Schemas are {@code spec/schema/vectors.schema.json} and
 * {@code spec/schema/inference-vectors.schema.json}. Depends on {@code kernels} for the formats' names and on Jackson.
 * Serves {@code REQ-CNF-002}.
 */
@NullMarked
package org.threehalf.conformance.vectors;

import org.jspecify.annotations.NullMarked;
