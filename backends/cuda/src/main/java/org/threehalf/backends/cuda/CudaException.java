package org.threehalf.backends.cuda;

/** The device, its driver or a library of it refused something; the message says what and, where known, what to do. */
final class CudaException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    CudaException(String message) {
        super(message);
    }

    CudaException(String message, Throwable cause) {
        super(message, cause);
    }
}
