package org.threehalf.backends.spi;

/**
 * Whether a backend can run here.
 *
 * @param available whether {@link BackendProvider#open} is expected to succeed
 * @param detail the device and its version where available, otherwise the reason and what to do
 */
public record Availability(boolean available, String detail) {
    /** The backend can run; {@code detail} says on what. */
    public static Availability yes(String detail) {
        return new Availability(true, detail);
    }

    /** The backend cannot run; {@code reason} says why and what to do. */
    public static Availability no(String reason) {
        return new Availability(false, reason);
    }
}
