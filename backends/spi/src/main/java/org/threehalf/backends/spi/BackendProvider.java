package org.threehalf.backends.spi;

import java.util.List;
import java.util.ServiceLoader;

/**
 * Finds out whether a device is there, and opens it. Making a provider must be cheap and need no library of the device.
 */
public interface BackendProvider {
    /**
     * Those that are taken where none is named, the first that can run: {@code native} needs LLVM and a processor that
     * it has code for, the others only Java.
     */
    List<String> PREFERRED = List.of("native", "simd", "reference");

    /** The backend's name on the command line: lower case, no spaces. */
    String name();

    /** One line for a person. */
    String description();

    /** Looks whether the device can be used now. Never throws. */
    Availability availability();

    /**
     * Opens the device.
     *
     * @throws IllegalStateException if it is not available, with the reason
     */
    Backend open();

    /**
     * Opens the device on a number of the host's threads, which changes no bit. A device that computes on none of them
     * pays no attention.
     *
     * @param threads at least 1
     * @throws IllegalStateException if it is not available, with the reason
     */
    default Backend open(int threads) {
        return open();
    }

    /** All providers on the class path, in the order of their names. */
    static List<BackendProvider> all() {
        return ServiceLoader.load(BackendProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .sorted(java.util.Comparator.comparing(BackendProvider::name))
                .toList();
    }

    /**
     * The provider of a name.
     *
     * @throws IllegalArgumentException if there is none, listing those that there are
     */
    static BackendProvider named(String name) {
        List<BackendProvider> all = all();
        return all.stream()
                .filter(p -> p.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no backend is called '%s'; there are %s"
                        .formatted(name, all.stream().map(BackendProvider::name).toList())));
    }

    /**
     * The first of {@link #PREFERRED} that is on the class path and can run here.
     *
     * @throws IllegalStateException if there is none
     */
    static BackendProvider fastest() {
        List<BackendProvider> all = all();
        return PREFERRED.stream()
                .flatMap(name -> all.stream().filter(p -> p.name().equals(name)))
                .filter(p -> p.availability().available())
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        "no backend for this processor is on the class path: add threehalf-backend-cpu, or name one"));
    }
}
