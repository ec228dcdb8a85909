/**
 * Traceability: reads requirements, theorems, contracts, tests and golden cases from their sources, and joins them by
 * requirement id.
 *
 * <p>It may depend on the JDK, {@code org.threehalf.jml.frontend}, which reads Java and JML, {@code org.threehalf.lean}
 * for theorems, and Jackson. It reads text; whether a proof holds or a test passes is said by the results that
 * {@code org.threehalf.evidence.report} puts beside it.
 */
@NullMarked
package org.threehalf.evidence.trace;

import org.jspecify.annotations.NullMarked;
