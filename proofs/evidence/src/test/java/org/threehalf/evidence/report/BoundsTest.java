package org.threehalf.evidence.report;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What is too large for a bundle is refused for its size, before it is unpacked, made a tree of, or judged. */
class BoundsTest {
    private static final String HEAD = "{\"schema\": \"" + Evidence.SCHEMA + "\"";

    @TempDir
    Path folder;

    @Test
    void aTextOfMoreThanAReportHasIsRefusedWhileItIsRead() {
        for (String text : List.of(
                "[" + "0,".repeat(1_000_000) + "0]",
                "[" + "{},".repeat(400_000) + "0]",
                members(500_000),
                "[".repeat(33) + "]".repeat(33),
                "[".repeat(1_000_000),
                "{\"a\":".repeat(100_000),
                "{\"" + "a".repeat(201) + "\": 1}",
                "{\"a\": \"" + "b".repeat((1 << 18) + 1) + "\"}")) {
            String message = report(HEAD + ", \"a\": " + text + "}");
            assertTrue(message.startsWith("evidence.json is too large"), message);
        }
        for (String text :
                List.of("", " ", HEAD + "} {}", HEAD + ", \"schema\": 1}", HEAD, HEAD + ", \"\ud800", "nul")) {
            assertTrue(report(text).startsWith("evidence.json is not JSON"), report(text));
        }
    }

    /** What does not begin as a report is read no further, however long it is. */
    @Test
    void whatDoesNotBeginWithItsSchemaIsReadNoFurther() {
        String rest = "[".repeat(1_000_000);
        for (String text : List.of(
                "{\"a\": 0, " + rest,
                "{\"schema\": \"threehalf-evidence/1\", " + rest,
                "{\"schema\": {" + rest,
                rest)) {
            String message = report(text);
            assertTrue(
                    message.matches("evidence.json (does not begin with its schema|follows .*|is no JSON object)"),
                    message);
        }
    }

    private static String members(int count) {
        StringBuilder text = new StringBuilder("{");
        for (int i = 0; i < count; i++) {
            text.append(i == 0 ? "\"" : ",\"").append(i).append("\":0");
        }
        return text.append('}').toString();
    }

    private static String report(String text) {
        return String.valueOf(assertThrows(
                        ForgedException.class,
                        () -> Bounds.report("evidence.json", text.getBytes(StandardCharsets.UTF_8)))
                .getMessage());
    }

    /** Few values of which much would follow: each of many things is named with a long name of what they belong to. */
    @Test
    void aReportOfWhichTooMuchFollowsIsRefused() throws IOException {
        ObjectNode report = SampleReport.of(folder.resolve("repository"));
        Bounds.weigh("evidence.json", report);
        ArrayNode mutants = (ArrayNode) report.path("mutations").path(0).path("list");
        for (int i = 0; i < 1_000; i++) {
            mutants.addObject().put("id", "m" + i).put("verdict", "FAILED").putArray("killedBy");
        }
        Bounds.weigh("evidence.json", report);
        ((ObjectNode) report.path("mutations").path(0)).put("suite", "s".repeat(100_000));
        assertThrows(ForgedException.class, () -> Bounds.weigh("evidence.json", report));
    }

    @Test
    void anArchiveIsRefusedBeforeItIsUnpacked() throws IOException {
        Bundle bundle = Bundle.of(SampleReport.of(folder.resolve("repository")));
        Path large = folder.resolve("large.zip");
        Files.write(large, new byte[Bounds.BUNDLE + 1]);
        refused(large, "MB: it is no evidence bundle");
        ByteArrayOutputStream many = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(many)) {
            for (int i = 0; i < 60_000; i++) {
                zip.putNextEntry(new ZipEntry("m" + i));
            }
        }
        refused(Files.write(folder.resolve("many.zip"), many.toByteArray()), "m0 does not belong to a bundle");
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bomb)) {
            zip.putNextEntry(new ZipEntry("evidence.json"));
            zip.write("{\"a\":".repeat(1_000_000).getBytes(StandardCharsets.UTF_8));
        }
        refused(Files.write(folder.resolve("bomb.zip"), bomb.toByteArray()), "it was packed again");
        SortedMap<String, byte[]> files = new TreeMap<>(bundle.files());
        files.put("evidence.json", new byte[Bounds.REPORT + 1]);
        refused(Files.write(folder.resolve("report.zip"), new Bundle(files).zip()), "evidence.json has more than");
    }

    private static void refused(Path file, String words) {
        String message = String.valueOf(
                assertThrows(ForgedException.class, () -> Bundle.verified(file)).getMessage());
        assertTrue(message.contains(words), message);
    }

    /** The first thing that is wrong is enough, however many there are. */
    @Test
    void aSchemaIsLeftAtTheFirstError() {
        ObjectNode report = new JsonMapper().createObjectNode().put("schema", Evidence.SCHEMA);
        for (int i = 0; i < 100_000; i++) {
            report.put("member " + i, i);
        }
        assertTrue(EvidenceSchema.error(report).isPresent());
    }
}
