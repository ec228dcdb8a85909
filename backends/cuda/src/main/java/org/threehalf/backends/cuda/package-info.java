/**
 * NVIDIA GPUs: CUDA C that NVRTC compiles at run time, called through JCuda.
 *
 * <p>{@link org.threehalf.backends.cuda.CudaBackendProvider} is the way in. The host code asks a {@code CudaDevice}, of
 * which there are two: a GPU through the driver, and in the tests a host that plays one with the same kernels. Depends
 * on the SPI and JCuda; nothing of a device's library is needed to build or use the rest. Serves {@code REQ-QNT-001} to
 * {@code REQ-QNT-003}, {@code REQ-DOT-…} and {@code REQ-PCK-001} to {@code REQ-PCK-006}. How it lies on the device, and
 * how it is checked: {@code README.md} of the module.
 */
@NullMarked
package org.threehalf.backends.cuda;

import org.jspecify.annotations.NullMarked;
