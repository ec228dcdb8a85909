package org.threehalf.server;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a server behaves.
 *
 * @param host address to listen on; a loopback address keeps everybody else out
 * @param port port, 0 for any that is free
 * @param apiKey what clients must send as a bearer token, or null for no key
 * @param bodyLimit bytes of a request's body at most
 * @param connectionLimit connections at once at most
 * @param bodyTimeout how long a request's body may take to come
 * @param answerTimeout how long a request may wait and run together
 * @param shutdownLimit how long running answers may go on when the server is asked to stop
 */
public record ServerOptions(
        String host,
        int port,
        @Nullable String apiKey,
        int bodyLimit,
        int connectionLimit,
        Duration bodyTimeout,
        Duration answerTimeout,
        Duration shutdownLimit) {

    /** On the loopback address, without a key. */
    public static ServerOptions local(int port) {
        return new ServerOptions(
                "127.0.0.1",
                port,
                null,
                4 << 20,
                1024,
                Duration.ofSeconds(30),
                Duration.ofMinutes(10),
                Duration.ofSeconds(30));
    }

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException naming the option that is outside its range
     */
    public ServerOptions {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port " + port + ": it must be 0 to 65535");
        }
        if (apiKey != null && apiKey.isBlank()) {
            throw new IllegalArgumentException("the API key is blank");
        }
        if (apiKey != null && !apiKey.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            // What else clients send in a header depends on the client: such a key would be refused with some and not
            // with others.
            throw new IllegalArgumentException(
                    "the API key has a blank or a character outside ASCII: clients could not send it");
        }
        if (bodyLimit < 1 || connectionLimit < 1) {
            throw new IllegalArgumentException("limits must be at least 1");
        }
    }
}
