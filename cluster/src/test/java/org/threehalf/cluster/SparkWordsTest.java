package org.threehalf.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.UnknownHostException;
import java.nio.file.NoSuchFileException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SparkWordsTest {

    @Test
    void wordsOfOthersDoNotSteerTheTerminal() {
        assertEquals("a\ufffd\ufffd\ufffdé😀", SparkWords.shown("a\u001b\n\u202eé😀"));
        assertEquals("x".repeat(80) + "…", SparkWords.shown("x".repeat(81)));
    }

    @Test
    void whatOnlyAuthorsCanUseIsLeftAway() {
        String lost = "Job aborted due to stage failure: Task 3 in stage 0.0 failed 4 times, most recent failure: "
                + "Lost task 3.3 in stage 0.0 (TID 7) (10.0.0.7 executor 1): ";
        Map.of(
                        "Could not parse Master URL: 'x'",
                        "Could not parse Master URL: 'x'",
                        "[INVALID_MEMORY] Executor memory 1 must be at least 2. SQLSTATE: XXKCM",
                        "Executor memory 1 must be at least 2.",
                        lost + "java.lang.IllegalStateException: stale handle\n\tat a.B.c(D.java:1)",
                        "a task failed 4 times, the last time on node 10.0.0.7: stale handle",
                        lost
                                + "ExecutorLostFailure (executor 1 exited caused by one of the running tasks) Reason: Command exited with code 137",
                        "a task failed 4 times, the last time on node 10.0.0.7: its process is gone: Command exited with code 137",
                        "java.net.UnknownHostException: nowhere",
                        "no such host: nowhere",
                        "Call From a/1.2.3.4 to b:8020 failed on connection exception: java.net.ConnectException: Connection refused; For more details see:  http://wiki/ConnectionRefused",
                        "Call From a/1.2.3.4 to b:8020 failed on connection exception: Connection refused",
                        "java.lang.RuntimeException: java.lang.ClassNotFoundException: Class x.Y not found",
                        "Class x.Y not found",
                        "Master removed our application: KILLED",
                        "Master removed our application: KILLED")
                .forEach((said, words) -> assertEquals(words, SparkWords.of(said)));
        assertEquals("/a: there is no such file", SparkWords.of(new NoSuchFileException("/a")));
        assertEquals("there is no class a.B", SparkWords.of(new ClassNotFoundException("a.B")));
        assertEquals("no such host: a", SparkWords.of(new UnknownHostException("a")));
        assertEquals("NullPointerException", SparkWords.of(new NullPointerException()));
    }
}
