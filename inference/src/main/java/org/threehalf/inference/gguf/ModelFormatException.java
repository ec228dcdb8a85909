package org.threehalf.inference.gguf;

import java.io.IOException;

/** A model file is not as its format says; the message says which file, what is wrong and where. */
public class ModelFormatException extends IOException {

    /**
     * With a message such as {@code m.gguf: tensor blk.3.ffn_up.weight: 1,204 bytes at offset 88,128 pass the end of
     * file (86,016)}.
     */
    public ModelFormatException(String message) {
        super(message);
    }

    /** With the exception that found it. */
    public ModelFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
