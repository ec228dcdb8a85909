package org.threehalf.kernels.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Properties;

/** The version of this build, which every command prints. */
public final class BuildVersion {
    private BuildVersion() {}

    /** The version's number, which the build wrote down. */
    public static String number() {
        Properties properties = new Properties();
        try (InputStream in = BuildVersion.class.getResourceAsStream("version.properties")) {
            properties.load(Objects.requireNonNull(in, "version.properties: the build is incomplete"));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
        return Objects.requireNonNull(properties.getProperty("version"), "version.properties: no version");
    }
}
