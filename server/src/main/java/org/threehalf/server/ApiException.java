package org.threehalf.server;

import org.jspecify.annotations.Nullable;

/** A request that is refused, in the terms of the OpenAI API's error object. */
final class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;
    private final String type;
    private final @Nullable String parameter;
    private final @Nullable String code;

    private ApiException(int status, String type, @Nullable String parameter, @Nullable String code, String message) {
        super(message, null, false, false);
        this.status = status;
        this.type = type;
        this.parameter = parameter;
        this.code = code;
    }

    /** 400: the request is not as it must be. */
    static ApiException invalid(@Nullable String parameter, String message) {
        return new ApiException(400, "invalid_request_error", parameter, null, message);
    }

    /** 400: the request asks for what this server does not compute. */
    static ApiException unsupported(String parameter, String message) {
        return new ApiException(400, "invalid_request_error", parameter, "unsupported_parameter", message);
    }

    /** 400: more tokens than the context has room for. */
    static ApiException tooLong(String parameter, String message) {
        return new ApiException(400, "invalid_request_error", parameter, "context_length_exceeded", message);
    }

    /** Another refusal. */
    static ApiException of(int status, String type, @Nullable String code, String message) {
        return new ApiException(status, type, null, code, message);
    }

    int status() {
        return status;
    }

    String type() {
        return type;
    }

    @Nullable
    String parameter() {
        return parameter;
    }

    @Nullable
    String code() {
        return code;
    }
}
