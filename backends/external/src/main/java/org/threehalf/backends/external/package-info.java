/**
 * The name of a vendor's own program among the backends. A program is judged by files, case by case ({@code threehalf
 * conformance run --exec}, section 4 of {@code spec/CONFORMANCE.md}); to take part in a decoder a device needs a module
 * of its own behind the SPI, so this backend is never available and says which way to go.
 *
 * <p>Depends on the SPI. Nothing of a device's library is needed to build or use the rest.
 */
@NullMarked
package org.threehalf.backends.external;

import org.jspecify.annotations.NullMarked;
