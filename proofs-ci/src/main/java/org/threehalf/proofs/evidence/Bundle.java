package org.threehalf.proofs.evidence;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.threehalf.kernels.io.WholeFile;
import org.threehalf.proofs.hash.Sha;
import org.threehalf.proofs.trace.Problem;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The evidence as one file that can be archived, signed and checked: a zip of the report, its page, the traceability matrix in both directions,
 * an in-toto statement, and {@code MANIFEST.sha256} with the SHA-256 of each of them, in the form that {@code sha256sum -c} reads.
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
    private static final Pattern LINE = Pattern.compile("([0-9a-f]{64})  (\\S.*)");
    private static final JsonMapper JSON = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    /** Larger than any report, small enough that a hostile file cannot fill the memory. */
    private static final long LARGEST = 1L << 28;

    /** The bundle of a report. */
    public static Bundle of(ObjectNode evidence) throws IOException {
        SortedMap<String, byte[]> files = new TreeMap<>();
        put(files, REPORT, EvidenceWriter.json(evidence));
        put(files, PAGE, EvidenceWriter.html(evidence));
        put(files, FORWARD, forward(evidence));
        put(files, BACKWARD, backward(evidence));
        put(files, STATEMENT, EvidenceWriter.json(statement(evidence, files)));
        StringBuilder manifest = new StringBuilder();
        files.forEach((name, content) -> manifest.append(Sha.hex(content)).append("  ").append(name).append('\n'));
        put(files, MANIFEST, manifest.toString());
        return new Bundle(files);
    }

    /** Reads a bundle. */
    public static Bundle read(Path file) throws IOException {
        SortedMap<String, byte[]> files = new TreeMap<>();
        long left = LARGEST;
        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(file))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                byte[] content = zip.readNBytes((int) Math.min(left + 1, Integer.MAX_VALUE - 8));
                left -= content.length;
                if (left < 0) {
                    throw new IOException("%s unpacks to more than %d MB: it is no evidence bundle".formatted(file, LARGEST >> 20));
                }
                if (files.put(entry.getName(), content) != null) {
                    throw new IOException("%s holds %s twice".formatted(file, entry.getName()));
                }
            }
        }
        if (files.isEmpty()) {
            throw new IOException("%s is no evidence bundle: mvn verify writes target/evidence/%s".formatted(file, NAME));
        }
        return new Bundle(files);
    }

    /** Writes all files and the zip of them into a folder, each whole or not at all. Equal bundles give equal zips. */
    public void write(Path folder) throws IOException {
        for (var file : files.entrySet()) {
            WholeFile.write(folder.resolve(file.getKey()), part -> Files.write(part, file.getValue()));
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (var file : files.entrySet()) {
                ZipEntry entry = new ZipEntry(file.getKey());
                // The first time that the format can hold: the environment tells when it was made.
                entry.setTimeLocal(java.time.LocalDateTime.of(1980, 1, 1, 0, 0));
                zip.putNextEntry(entry);
                zip.write(file.getValue());
                zip.closeEntry();
            }
        }
        WholeFile.write(folder.resolve(NAME), part -> Files.write(part, bytes.toByteArray()));
    }

    /** The report in it. */
    public ObjectNode evidence() throws IOException {
        byte[] report = files.get(REPORT);
        if (report == null) {
            throw new IOException("the bundle holds no " + REPORT);
        }
        try {
            if (JSON.readTree(new ByteArrayInputStream(report)) instanceof ObjectNode object && object.path("schema").asString("").equals(Evidence.SCHEMA)) {
                return object;
            }
        } catch (JacksonException e) {
            throw new IOException("%s in the bundle is not JSON: %s".formatted(REPORT, e.getOriginalMessage()), e);
        }
        throw new IOException("%s in the bundle does not follow %s".formatted(REPORT, Evidence.SCHEMA));
    }

    /**
     * What is wrong with the bundle itself: files that are missing, added or changed, and parts that do not say what the report says. It judges
     * the bundle, not the results in it; a report of failures can be whole.
     */
    public List<Problem> problems() throws IOException {
        List<Problem> problems = new ArrayList<>();
        byte[] manifest = files.get(MANIFEST);
        if (manifest == null) {
            return List.of(new Problem("there is no " + MANIFEST, "it is no evidence bundle, or was damaged"));
        }
        SortedMap<String, String> listed = new TreeMap<>();
        for (String line : new String(manifest, StandardCharsets.UTF_8).lines().toList()) {
            Matcher matcher = LINE.matcher(line);
            if (!matcher.matches()) {
                problems.add(new Problem("%s has a line that is none: %s".formatted(MANIFEST, line), "get the bundle again"));
            } else {
                listed.put(matcher.group(2), matcher.group(1));
            }
        }
        listed.forEach((name, hash) -> {
            byte[] content = files.get(name);
            if (content == null) {
                problems.add(new Problem("%s is missing".formatted(name), "get the bundle again"));
            } else if (!Sha.hex(content).equals(hash)) {
                problems.add(new Problem("%s was changed: its SHA-256 is %s, not %s".formatted(name, Sha.hex(content), hash), "get the bundle again"));
            }
        });
        files.keySet().stream().filter(name -> !name.equals(MANIFEST) && !listed.containsKey(name))
                .forEach(name -> problems.add(new Problem("%s is not in the manifest".formatted(name), "take it out, or get the bundle again")));
        if (problems.isEmpty()) {
            // A manifest can be made anew by whoever changed a file; what follows from the report cannot differ from it.
            Bundle again = of(evidence());
            again.files().forEach((name, content) -> {
                byte[] here = files.get(name);
                if (here == null || !java.util.Arrays.equals(here, content)) {
                    problems.add(new Problem("%s does not follow from %s".formatted(name, REPORT), "it was edited, or another version of this program wrote it"));
                }
            });
        }
        return problems;
    }

    /**
     * An in-toto statement (test-result predicate) about the commit and the files, for the user's own signing tool. {@code WARNED} stands for a
     * run in which nothing failed and something was not checked.
     */
    private static ObjectNode statement(ObjectNode evidence, SortedMap<String, byte[]> files) {
        ObjectNode statement = JSON.createObjectNode();
        statement.put("_type", "https://in-toto.io/Statement/v1");
        ArrayNode subjects = statement.putArray("subject");
        subjects.addObject().put("name", "threehalf").putObject("digest").put("gitCommit", evidence.path("commit").asString());
        files.forEach((name, content) -> subjects.addObject().put("name", name).putObject("digest").put("sha256", Sha.hex(content)));
        statement.put("predicateType", "https://in-toto.io/attestation/test-result/v0.1");
        ObjectNode predicate = statement.putObject("predicate");
        boolean passed = evidence.path("result").asString().equals("PASSED");
        predicate.put("result", !passed ? "FAILED" : evidence.path("notChecked").isEmpty() && !evidence.path("dirty").asBoolean() ? "PASSED" : "WARNED");
        ArrayNode configuration = predicate.putArray("configuration");
        for (JsonNode tool : evidence.path("tools")) {
            ObjectNode descriptor = configuration.addObject().put("name", tool.path("name").asString() + " " + tool.path("version").asString());
            if (tool.path("hash").asString().matches("[0-9a-f]{64}")) {
                descriptor.putObject("digest").put("sha256", tool.path("hash").asString());
            }
        }
        ArrayNode warned = predicate.putArray("warnedTests");
        evidence.path("notChecked").forEach(n -> warned.add("%s: NOT CHECKED: %s".formatted(n.path("what").asString(), n.path("reason").asString())));
        ArrayNode failed = predicate.putArray("failedTests");
        evidence.path("problems").forEach(p -> failed.add(p.path("what").asString()));
        return statement;
    }

    private static String forward(ObjectNode evidence) {
        StringBuilder csv = new StringBuilder("requirement,kind,evidence,verdict\n");
        for (JsonNode requirement : evidence.path("requirements")) {
            for (String kind : List.of("theorems", "contracts", "tests", "cases")) {
                requirement.path(kind).forEach(e -> row(csv, requirement.path("id").asString(), kind.substring(0, kind.length() - 1), e.asString(), verdict(evidence, kind, e.asString())));
            }
            requirement.path("waivers").forEach(w -> row(csv, requirement.path("id").asString(), "waiver", w.path("kind").asString() + ": " + w.path("reason").asString(), ""));
            requirement.path("missing").forEach(m -> row(csv, requirement.path("id").asString(), "missing", m.asString(), "FAILED"));
        }
        return csv.toString();
    }

    private static String backward(ObjectNode evidence) {
        StringBuilder csv = new StringBuilder("kind,evidence,file,line,verdict,requirements\n");
        for (JsonNode t : evidence.path("theorems")) {
            row(csv, "theorem", t.path("name").asString(), t.path("file").asString(), t.path("line").asString(), t.path("verdict").asString(), ids(t));
        }
        for (JsonNode c : evidence.path("contracts")) {
            row(csv, "contract", c.path("type").asString() + "." + c.path("method").asString(), c.path("file").asString(), c.path("line").asString(), c.path("verdict").asString(), ids(c));
        }
        for (JsonNode type : evidence.path("tests")) {
            for (JsonNode m : type.path("methods")) {
                row(csv, m.path("property").asBoolean() ? "property" : "test", type.path("type").asString() + "." + m.path("name").asString(), type.path("file").asString(),
                        m.path("line").asString(), m.path("verdict").asString(), ids(m));
            }
        }
        for (JsonNode c : evidence.path("cases")) {
            row(csv, "case", c.path("id").asString(), c.path("file").asString(), "", caseVerdict(c), ids(c));
        }
        return csv.toString();
    }

    private static String verdict(ObjectNode evidence, String kind, String name) {
        for (JsonNode item : evidence.path(kind)) {
            switch (kind) {
                case "theorems" -> {
                    if (item.path("name").asString().equals(name)) {
                        return item.path("verdict").asString();
                    }
                }
                case "contracts" -> {
                    if ((item.path("type").asString() + "." + item.path("method").asString()).equals(name)) {
                        return item.path("verdict").asString();
                    }
                }
                case "tests" -> {
                    for (JsonNode method : item.path("methods")) {
                        if ((item.path("type").asString() + "." + method.path("name").asString()).equals(name)) {
                            return method.path("verdict").asString();
                        }
                    }
                }
                default -> {
                    if (item.path("id").asString().equals(name)) {
                        return caseVerdict(item);
                    }
                }
            }
        }
        return Verdict.NOT_CHECKED.name();
    }

    /** A case's verdict over all backends that were judged: the worst. */
    private static String caseVerdict(JsonNode item) {
        List<String> verdicts = new ArrayList<>();
        item.path("verdicts").forEach(v -> verdicts.add(v.asString()));
        return verdicts.contains(Verdict.FAILED.name()) ? Verdict.FAILED.name() : verdicts.contains(Verdict.PASSED.name()) ? Verdict.PASSED.name() : Verdict.NOT_CHECKED.name();
    }

    private static String ids(JsonNode item) {
        List<String> ids = new ArrayList<>();
        item.path("requirements").forEach(id -> ids.add(id.asString()));
        return String.join(" ", ids);
    }

    private static void row(StringBuilder csv, String... cells) {
        for (int i = 0; i < cells.length; i++) {
            csv.append(i == 0 ? "" : ",").append(cells[i].matches("[^\",\\r\\n]*") ? cells[i] : '"' + cells[i].replace("\"", "\"\"") + '"');
        }
        csv.append('\n');
    }

    private static void put(SortedMap<String, byte[]> files, String name, String text) {
        files.put(name, text.getBytes(StandardCharsets.UTF_8));
    }
}
