package org.threehalf.langchain4j;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.threehalf.inference.generate.ChatTemplate.Message;
import org.threehalf.inference.generate.GeneratedToken;
import org.threehalf.inference.generate.GenerationOptions;
import org.threehalf.inference.generate.LanguageModel;
import org.threehalf.inference.generate.TokenStream;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.kernels.transformer.TokenSampler;

/**
 * An open {@link LanguageModel} as LangChain4j's {@link ChatModel} and {@link StreamingChatModel}. The same messages
 * and options have the same answer, to the bit.
 *
 * <p>What a request gives (temperature, top p, top k, output tokens, stop sequences) takes the place of the options';
 * the seed is the options'. Tools, JSON, penalties and messages that are no text are refused with
 * {@link UnsupportedFeatureException}. As many answers can be under way as the model was opened with slots. Safe for
 * use by several threads.
 */
public final class LocalChatModel implements ChatModel, StreamingChatModel {
    private final LanguageModel model;
    private final GenerationOptions options;
    private final ChatRequestParameters defaults;

    /**
     * Over a model.
     *
     * @param model the model; stays the caller's, who closes it after the last answer
     * @param options how answers are generated where a request says nothing
     */
    public LocalChatModel(LanguageModel model, GenerationOptions options) {
        this.model = model;
        this.options = options;
        TokenSampler.Settings sampling = options.sampling();
        this.defaults = ChatRequestParameters.builder()
                .modelName(model.file().name())
                .temperature((double) sampling.temperature())
                .topP((double) sampling.topP())
                .topK(sampling.topK())
                .maxOutputTokens(options.tokens())
                .stopSequences(options.stops())
                .build();
    }

    @Override
    public ChatResponse doChat(ChatRequest request) {
        try (TokenStream answer = begin(request)) {
            answer.text();
            return response(answer);
        }
    }

    /**
     * Answers on a virtual thread of its own; returns at once. Cancelling its handle ends the answer, and the handler
     * is told nothing more.
     */
    @Override
    public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
        TokenStream begun;
        try {
            begun = begin(request);
        } catch (RuntimeException refused) {
            handler.onError(refused);
            return;
        }
        Cancellation handle = new Cancellation(new AtomicBoolean());
        Thread.startVirtualThread(() -> {
            ChatResponse whole;
            try (begun) {
                for (GeneratedToken token : begun) {
                    if (!token.text().isEmpty()) {
                        handler.onPartialResponse(
                                new PartialResponse(token.text()), new PartialResponseContext(handle));
                    }
                    if (handle.isCancelled()) {
                        return;
                    }
                }
                whole = response(begun);
            } catch (RuntimeException | Error failed) {
                // An Error too: whoever waits for the end of the answer would wait for ever.
                if (!handle.isCancelled()) {
                    handler.onError(failed);
                }
                if (failed instanceof Error error) {
                    throw error;
                }
                return;
            }
            if (!handle.isCancelled()) {
                handler.onCompleteResponse(whole);
            }
        });
    }

    private record Cancellation(AtomicBoolean requested) implements StreamingHandle {
        @Override
        public void cancel() {
            requested.set(true);
        }

        @Override
        public boolean isCancelled() {
            return requested.get();
        }
    }

    private TokenStream begin(ChatRequest request) {
        try {
            return model.chat(
                    request.messages().stream().map(LocalChatModel::message).toList(), options(request.parameters()));
        } catch (ModelFormatException refused) {
            throw new UncheckedIOException(refused);
        }
    }

    private GenerationOptions options(ChatRequestParameters asked) {
        refuse(
                asked.toolSpecifications() != null
                                && !asked.toolSpecifications().isEmpty()
                        || asked.toolChoice() == ToolChoice.REQUIRED,
                "tools");
        refuse(
                asked.responseFormat() != null && asked.responseFormat().type() != ResponseFormatType.TEXT,
                "a response format other than text");
        refuse(
                asked.frequencyPenalty() != null && asked.frequencyPenalty() != 0
                        || asked.presencePenalty() != null && asked.presencePenalty() != 0,
                "penalties");
        // Those that a request does not give are there as well: LangChain4j has put the defaults in their places.
        return new GenerationOptions(
                asked.maxOutputTokens(),
                new TokenSampler.Settings(
                        asked.temperature().floatValue(),
                        asked.topK(),
                        asked.topP().floatValue()),
                options.seed(),
                asked.stopSequences());
    }

    private static Message message(ChatMessage message) {
        return switch (message) {
            case SystemMessage system -> new Message("system", system.text());
            case UserMessage user when user.hasSingleText() -> new Message("user", user.singleText());
            case AiMessage ai
            when ai.text() != null && !ai.hasToolExecutionRequests() -> new Message("assistant", ai.text());
            default ->
                throw new UnsupportedFeatureException("messages of type " + message.type() + " that are no text");
        };
    }

    private static void refuse(boolean asked, String what) {
        if (asked) {
            throw new UnsupportedFeatureException(what + ": not computed here");
        }
    }

    private ChatResponse response(TokenStream answer) {
        boolean cut = switch (answer.run().end()) {
            case LENGTH, CONTEXT -> true;
            case ANSWERED, STOPPED -> false;
        };
        return ChatResponse.builder()
                .aiMessage(AiMessage.from(answer.text()))
                .modelName(model.file().name())
                .tokenUsage(new TokenUsage(answer.run().promptTokens(), answer.tokens()))
                .finishReason(cut ? FinishReason.LENGTH : FinishReason.STOP)
                .build();
    }

    @Override
    public ChatRequestParameters defaultRequestParameters() {
        return defaults;
    }

    @Override
    public List<ChatModelListener> listeners() {
        return List.of();
    }

    @Override
    public ModelProvider provider() {
        return ModelProvider.OTHER;
    }

    @Override
    public Set<Capability> supportedCapabilities() {
        return Set.of();
    }
}
