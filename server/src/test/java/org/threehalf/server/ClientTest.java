package org.threehalf.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.AuthenticationException;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A client of the OpenAI API that others wrote, LangChain4j's, against the server. */
@Timeout(120)
class ClientTest {

    @Test
    void wholeAndStreamed() throws Exception {
        try (TestServer server = TestServer.start()) {
            OpenAiChatModel whole = OpenAiChatModel.builder()
                    .baseUrl(server.uri("/v1").toString())
                    .apiKey("none")
                    .modelName("tiny")
                    .temperature(0.9)
                    .seed(3)
                    .maxTokens(12)
                    .build();
            ChatResponse answer = whole.chat(SystemMessage.from("Be brief."), UserMessage.from("Hi"));
            assertEquals(12, answer.tokenUsage().outputTokenCount());
            OpenAiStreamingChatModel streaming = OpenAiStreamingChatModel.builder()
                    .baseUrl(server.uri("/v1").toString())
                    .apiKey("none")
                    .modelName("tiny")
                    .temperature(0.9)
                    .seed(3)
                    .maxTokens(12)
                    .build();
            StringBuilder pieces = new StringBuilder();
            CompletableFuture<ChatResponse> streamed = new CompletableFuture<>();
            streaming.chat(
                    java.util.List.of(SystemMessage.from("Be brief."), UserMessage.from("Hi")),
                    new StreamingChatResponseHandler() {
                        @Override
                        public void onPartialResponse(String piece) {
                            pieces.append(piece);
                        }

                        @Override
                        public void onCompleteResponse(ChatResponse response) {
                            streamed.complete(response);
                        }

                        @Override
                        public void onError(Throwable error) {
                            streamed.completeExceptionally(error);
                        }
                    });
            ChatResponse last = streamed.get(60, TimeUnit.SECONDS);
            assertEquals(answer.aiMessage().text(), last.aiMessage().text());
            assertEquals(answer.aiMessage().text(), pieces.toString());
            assertEquals(
                    answer.tokenUsage().totalTokenCount(), last.tokenUsage().totalTokenCount());
        }
    }

    @Test
    void aWrongKey() throws Exception {
        ServerOptions local = ServerOptions.local(0);
        ServerOptions options = new ServerOptions(
                local.host(),
                0,
                "right",
                local.bodyLimit(),
                local.connectionLimit(),
                local.bodyTimeout(),
                local.answerTimeout(),
                local.shutdownLimit());
        try (TestServer server = TestServer.start(options, 1, 64, 4)) {
            OpenAiChatModel model = OpenAiChatModel.builder()
                    .baseUrl(server.uri("/v1").toString())
                    .apiKey("wrong")
                    .modelName("tiny")
                    .maxRetries(0)
                    .build();
            assertTrue(assertThrows(AuthenticationException.class, () -> model.chat("Hi"))
                    .getMessage()
                    .contains("invalid_api_key"));
        }
    }
}
