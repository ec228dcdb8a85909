/**
 * NVIDIA GPUs: CUDA C compiled at run time, called through JCuda. The room is laid; the kernels come with the accelerators' work.
 *
 * <p>Depends on the SPI. Nothing of a device's library is needed to build or use the rest.
 */
@NullMarked
package org.threehalf.backends.cuda;

import org.jspecify.annotations.NullMarked;
