package org.threehalf.evidence.report;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.threehalf.kernels.io.Sha256;
import org.threehalf.kernels.io.Verdict;
import org.threehalf.kernels.io.WholeFile;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The evidence as one file that can be archived, signed and checked: a zip of the report, its page, the traceability
 * matrix in both directions, an in-toto statement, and {@code MANIFEST.sha256} with the SHA-256 of each of them, in the
 * form that {@code sha256sum -c} reads.
 *
 * <p>The file is a function of the report, to the byte: members are stored, not compressed, in the order of their
 * names. So a second archive, an appended, hidden or repeated member, or a name that leaves the folder cannot be in a
 * file that {@link #verified} takes.
 *
 * @param files by name; the manifest is one of them
 */
public record Bundle(SortedMap<String, byte[]> files) {
    /** The name of the bundle in {@code target/evidence}. */
    public static final String NAME = "threehalf-evidence.zip";

    private static final String MANIFEST = "MANIFEST.sha256";
    private static final String REPORT = "evidence.json";
    private static final String PAGE = "index.html";
    private static final String STATEMENT = "statement.intoto.json";
    private static final String FORWARD = "requirements-to-evidence.csv";
    private static final String BACKWARD = "evidence-to-requirements.csv";
    private static final Set<String> MEMBERS = Set.of(MANIFEST, REPORT, PAGE, STATEMENT, FORWARD, BACKWARD);

    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** The bundle of a report. */
    public static Bundle of(ObjectNode evidence) throws IOException {
        SortedMap<String, byte[]> files = new TreeMap<>();
        put(files, REPORT, EvidenceWriter.json(evidence));
        put(files, PAGE, EvidenceWriter.html(evidence));
        put(files, FORWARD, forward(evidence));
        put(files, BACKWARD, backward(evidence));
        put(files, STATEMENT, EvidenceWriter.json(statement(evidence, files)));
        StringBuilder manifest = new StringBuilder();
        files.forEach((name, content) ->
                manifest.append(Sha256.of(content)).append("  ").append(name).append('\n'));
        put(files, MANIFEST, manifest.toString());
        return new Bundle(files);
    }

    /** Writes all files and the zip of them into a folder, each whole or not at all. Equal bundles give equal zips. */
    public void write(Path folder) throws IOException {
        for (var file : files.entrySet()) {
            WholeFile.write(folder.resolve(file.getKey()), part -> Files.write(part, file.getValue()));
        }
        WholeFile.write(folder.resolve(NAME), part -> Files.write(part, zip()));
    }

    /** The bundle as one file. */
    byte[] zip() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (var file : files.entrySet()) {
                ZipEntry entry = new ZipEntry(file.getKey());
                // The first time that the format can hold: the environment tells when it was made.
                entry.setTimeLocal(java.time.LocalDateTime.of(1980, 1, 1, 0, 0));
                // Stored: what a compressor makes of the same bytes depends on its version.
                entry.setMethod(ZipEntry.STORED);
                entry.setSize(file.getValue().length);
                CRC32 crc = new CRC32();
                crc.update(file.getValue());
                entry.setCrc(crc.getValue());
                zip.putNextEntry(entry);
                zip.write(file.getValue());
                zip.closeEntry();
            }
        }
        return bytes.toByteArray();
    }

    /** The report in it. */
    public ObjectNode evidence() {
        return (ObjectNode) JSON.readTree(files.getOrDefault(REPORT, new byte[0]));
    }

    /** The statement to sign. */
    public byte[] statement() {
        return files.getOrDefault(STATEMENT, new byte[0]);
    }

    /**
     * Reads a bundle and makes it anew: the report from its own facts by the rule of {@code mvn verify}, all other
     * files from the report, and the archive from them.
     *
     * @throws ForgedException if the file is not that archive to the byte
     * @throws IOException if the file cannot be read
     */
    public static Bundle verified(Path file) throws IOException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(Bounds.BUNDLE + 1);
        }
        if (bytes.length > Bounds.BUNDLE) {
            throw new ForgedException(
                    "%s has more than %d MB: it is no evidence bundle".formatted(file, Bounds.BUNDLE >> 20));
        }
        SortedMap<String, byte[]> members = members(file, bytes);
        byte[] text = members.get(REPORT);
        if (text == null) {
            throw new ForgedException("%s holds no %s".formatted(file, REPORT));
        }
        ObjectNode report = derived(text);
        notOfTheFuture(report, Instant.now());
        Bundle whole = of(report);
        if (!Arrays.equals(whole.zip(), bytes)) {
            throw new ForgedException(whole.difference(members));
        }
        return whole;
    }

    /**
     * The report that follows from the facts of a report.
     *
     * @throws ForgedException if it is not that report to the byte
     */
    static ObjectNode derived(byte[] text) {
        ObjectNode report = report(text);
        ObjectNode again = Judgement.of(Judgement.facts(report));
        if (!Arrays.equals(EvidenceWriter.json(again).getBytes(StandardCharsets.UTF_8), text)) {
            throw new ForgedException(difference(report, again)
                    .map(d -> "%s contradicts itself: %.500s".formatted(REPORT, d))
                    .orElse("%s is not written as this program writes it".formatted(REPORT)));
        }
        return again;
    }

    /**
     * A report says when it was made, which was before it is read. (What it says of time beyond that is judged with the
     * rest: the judgement of a report must not depend on a clock.)
     *
     * @throws ForgedException if it was made a day or more from now
     */
    static void notOfTheFuture(ObjectNode report, Instant now) {
        JsonNode time = report.path("environment").path("time");
        try {
            if (time.isString() && Instant.parse(time.asString()).isAfter(now.plus(Duration.ofDays(1)))) {
                throw new ForgedException(
                        "%s says that it was made in the future: %s".formatted(REPORT, time.asString()));
            }
        } catch (DateTimeParseException e) {
            throw new ForgedException("%s says that it was made at no time: %.40s".formatted(REPORT, time.asString()));
        }
    }

    /**
     * What an unzipping program finds, for {@link #REPORT} and for telling what is wrong; {@link #verified} does not
     * rest on it.
     */
    private static SortedMap<String, byte[]> members(Path file, byte[] bytes) throws ForgedException {
        SortedMap<String, byte[]> members = new TreeMap<>();
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(bytes))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                // Before anything of it is unpacked. No more members than names pass, since none may come twice.
                if (!MEMBERS.contains(entry.getName())) {
                    throw new ForgedException("%.200s does not belong to a bundle".formatted(entry.getName()));
                }
                if (entry.getMethod() != ZipEntry.STORED) {
                    throw new ForgedException(
                            "%s is compressed in %s, which this program never does: it was packed again"
                                    .formatted(entry.getName(), file));
                }
                int most = entry.getName().equals(REPORT) ? Bounds.REPORT : Bounds.BUNDLE;
                byte[] content = zip.readNBytes(most + 1);
                if (content.length > most) {
                    throw new ForgedException("%s has more than %d MB".formatted(entry.getName(), most >> 20));
                }
                if (members.put(entry.getName(), content) != null) {
                    throw new ForgedException("%s holds %s twice".formatted(file, entry.getName()));
                }
            }
        } catch (ForgedException e) {
            throw e;
        } catch (IOException | IllegalArgumentException e) {
            throw new ForgedException("%s cannot be unpacked: %s".formatted(file, e.getMessage()));
        }
        if (members.isEmpty()) {
            throw new ForgedException(
                    "%s is no evidence bundle: mvn verify writes target/evidence/%s".formatted(file, NAME));
        }
        return members;
    }

    /** Reads a report and holds it against its schema. */
    private static ObjectNode report(byte[] text) {
        Bounds.report(REPORT, text);
        try {
            if (!(JSON.readTree(text) instanceof ObjectNode report)) {
                throw new ForgedException("%s is no JSON object".formatted(REPORT));
            }
            EvidenceSchema.error(report).ifPresent(error -> {
                throw new ForgedException("%s does not meet its schema: %.300s".formatted(REPORT, error));
            });
            Bounds.weigh(REPORT, report);
            return report;
        } catch (JacksonException e) {
            throw new ForgedException("%s is not JSON%s".formatted(REPORT, Bounds.place(e)));
        }
    }

    /** The first thing that the report says and that does not follow. */
    private static Optional<String> difference(ObjectNode said, ObjectNode follows) {
        return EvidenceDiff.lines(said, follows).stream().findFirst();
    }

    /** Why a file is not this bundle. */
    private String difference(SortedMap<String, byte[]> members) {
        for (var file : files.entrySet()) {
            byte[] here = members.get(file.getKey());
            if (here == null) {
                return "%s is missing".formatted(file.getKey());
            }
            if (!Arrays.equals(here, file.getValue())) {
                return "%s does not follow from %s".formatted(file.getKey(), REPORT);
            }
        }
        return members.keySet().stream()
                .filter(name -> !files.containsKey(name))
                .findFirst()
                .map("%s does not belong to a bundle"::formatted)
                .orElse(
                        "the archive is not as this program writes it: something stands before, between or after its members, or it was packed again");
    }

    /**
     * An in-toto statement (test-result predicate) about the commit and the files, for the user's own signing tool.
     * {@code WARNED} stands for a run in which nothing failed and something was not checked.
     */
    private static ObjectNode statement(ObjectNode evidence, SortedMap<String, byte[]> files) {
        ObjectNode statement = JSON.createObjectNode();
        statement.put("_type", "https://in-toto.io/Statement/v1");
        ArrayNode subjects = statement.putArray("subject");
        subjects.addObject()
                .put("name", "threehalf")
                .putObject("digest")
                .put("gitCommit", evidence.path("commit").asString());
        files.forEach((name, content) ->
                subjects.addObject().put("name", name).putObject("digest").put("sha256", Sha256.of(content)));
        statement.put("predicateType", "https://in-toto.io/attestation/test-result/v0.1");
        ObjectNode predicate = statement.putObject("predicate");
        boolean passed = evidence.path("result").asString().equals("PASSED");
        predicate.put(
                "result",
                !passed
                        ? "FAILED"
                        : evidence.path("notChecked").isEmpty()
                                        && !evidence.path("dirty").asBoolean()
                                ? "PASSED"
                                : "WARNED");
        ArrayNode configuration = predicate.putArray("configuration");
        for (JsonNode tool : evidence.path("tools")) {
            ObjectNode descriptor = configuration
                    .addObject()
                    .put(
                            "name",
                            tool.path("name").asString() + " "
                                    + tool.path("version").asString());
            if (tool.path("hash").asString().matches("[0-9a-f]{64}")) {
                descriptor.putObject("digest").put("sha256", tool.path("hash").asString());
            }
        }
        ArrayNode warned = predicate.putArray("warnedTests");
        evidence.path("notChecked")
                .forEach(n -> warned.add("%s: NOT CHECKED: %s"
                        .formatted(n.path("what").asString(), n.path("reason").asString())));
        ArrayNode failed = predicate.putArray("failedTests");
        evidence.path("problems").forEach(p -> failed.add(p.path("what").asString()));
        return statement;
    }

    private static String forward(ObjectNode evidence) {
        StringBuilder csv = new StringBuilder("requirement,kind,evidence,verdict\n");
        Map<String, Map<String, String>> verdicts = verdicts(evidence);
        for (JsonNode requirement : evidence.path("requirements")) {
            for (String kind : List.of("theorems", "contracts", "tests", "cases")) {
                requirement
                        .path(kind)
                        .forEach(e -> row(
                                csv,
                                requirement.path("id").asString(),
                                kind.substring(0, kind.length() - 1),
                                e.asString(),
                                verdicts.getOrDefault(kind, Map.of())
                                        .getOrDefault(e.asString(), Verdict.NOT_CHECKED.name())));
            }
            requirement
                    .path("waivers")
                    .forEach(w -> row(
                            csv,
                            requirement.path("id").asString(),
                            "waiver",
                            w.path("kind").asString() + ": " + w.path("reason").asString(),
                            ""));
            requirement
                    .path("missing")
                    .forEach(m -> row(csv, requirement.path("id").asString(), "missing", m.asString(), "FAILED"));
        }
        return csv.toString();
    }

    private static String backward(ObjectNode evidence) {
        StringBuilder csv = new StringBuilder("kind,evidence,file,line,verdict,requirements\n");
        for (JsonNode t : evidence.path("theorems")) {
            row(
                    csv,
                    "theorem",
                    t.path("name").asString(),
                    t.path("file").asString(),
                    t.path("line").asString(),
                    t.path("verdict").asString(),
                    ids(t));
        }
        for (JsonNode c : evidence.path("contracts")) {
            row(
                    csv,
                    "contract",
                    c.path("type").asString() + "." + c.path("method").asString(),
                    c.path("file").asString(),
                    c.path("line").asString(),
                    c.path("verdict").asString(),
                    ids(c));
        }
        for (JsonNode type : evidence.path("tests")) {
            for (JsonNode m : type.path("methods")) {
                row(
                        csv,
                        m.path("property").asBoolean() ? "property" : "test",
                        type.path("type").asString() + "." + m.path("name").asString(),
                        type.path("file").asString(),
                        m.path("line").asString(),
                        m.path("verdict").asString(),
                        ids(m));
            }
        }
        for (JsonNode c : evidence.path("cases")) {
            row(csv, "case", c.path("id").asString(), c.path("file").asString(), "", caseVerdict(c), ids(c));
        }
        return csv.toString();
    }

    /** The verdict of each piece of evidence, by the member that names it and by its name. */
    private static Map<String, Map<String, String>> verdicts(ObjectNode evidence) {
        Map<String, String> theorems = new HashMap<>();
        evidence.path("theorems")
                .forEach(t -> theorems.putIfAbsent(
                        t.path("name").asString(), t.path("verdict").asString()));
        Map<String, String> contracts = new HashMap<>();
        evidence.path("contracts")
                .forEach(c -> contracts.putIfAbsent(
                        c.path("type").asString() + "." + c.path("method").asString(),
                        c.path("verdict").asString()));
        Map<String, String> tests = new HashMap<>();
        evidence.path("tests")
                .forEach(type -> type.path("methods")
                        .forEach(m -> tests.putIfAbsent(
                                type.path("type").asString() + "."
                                        + m.path("name").asString(),
                                m.path("verdict").asString())));
        Map<String, String> cases = new HashMap<>();
        evidence.path("cases").forEach(c -> cases.putIfAbsent(c.path("id").asString(), caseVerdict(c)));
        return Map.of("theorems", theorems, "contracts", contracts, "tests", tests, "cases", cases);
    }

    /** A case's verdict over all backends that were judged: the worst. */
    private static String caseVerdict(JsonNode item) {
        List<String> verdicts = new ArrayList<>();
        item.path("verdicts").forEach(v -> verdicts.add(v.asString()));
        return verdicts.contains(Verdict.FAILED.name())
                ? Verdict.FAILED.name()
                : verdicts.isEmpty() || verdicts.contains(Verdict.NOT_CHECKED.name())
                        ? Verdict.NOT_CHECKED.name()
                        : Verdict.PASSED.name();
    }

    private static String ids(JsonNode item) {
        List<String> ids = new ArrayList<>();
        item.path("requirements").forEach(id -> ids.add(id.asString()));
        return String.join(" ", ids);
    }

    private static void row(StringBuilder csv, String... cells) {
        for (int i = 0; i < cells.length; i++) {
            csv.append(i == 0 ? "" : ",")
                    .append(cells[i].matches("[^\",\\r\\n]*") ? cells[i] : '"' + cells[i].replace("\"", "\"\"") + '"');
        }
        csv.append('\n');
    }

    private static void put(SortedMap<String, byte[]> files, String name, String text) {
        files.put(name, text.getBytes(StandardCharsets.UTF_8));
    }
}
