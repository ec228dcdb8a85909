package org.threehalf.inference.template;

/**
 * A template that cannot be read, that fails, or that says by {@code raise_exception} that it does not take its input.
 */
public final class TemplateException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** With what is wrong. */
    public TemplateException(String message) {
        super(message);
    }
}
