package org.threehalf.inference.gguf;

/**
 * A key of the metadata that nothing computes and that may change the result, which {@code --ignore-key} goes on
 * without.
 */
public final class UnknownKeyException extends ModelFormatException {
    private static final long serialVersionUID = 1;

    private final String key;

    /** Of a whole key, with what is wrong. */
    UnknownKeyException(String key, String message) {
        super(message);
        this.key = key;
    }

    /** The whole key. */
    public String key() {
        return key;
    }
}
