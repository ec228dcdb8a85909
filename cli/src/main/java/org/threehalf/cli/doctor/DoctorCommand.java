package org.threehalf.cli.doctor;

import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code threehalf doctor}: the machine, the backend that a run takes and why not a better one, others' tools, and what
 * is kept where.
 */
@Command(
        name = "doctor",
        description =
                "Say what this machine has, which backend and instructions a run takes and why not better ones, which tools are there, and what is cached where.",
        footer = "%nNothing is changed, installed or sent. Exit code 0 where some backend can be used.",
        mixinStandardHelpOptions = true)
public final class DoctorCommand implements Callable<Integer> {
    private static final JsonMapper MAPPER =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private final List<String> preferred;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--json", description = "print it as JSON")
    private boolean json;

    /**
     * For picocli.
     *
     * @param preferred names of backends that are taken where none is named, the best first
     */
    public DoctorCommand(List<String> preferred) {
        this.preferred = List.copyOf(preferred);
    }

    @Override
    public Integer call() {
        Diagnosis found = Diagnosis.here(preferred, name -> Optional.ofNullable(System.getenv(name)));
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(json(found));
        } else {
            print(found, out);
        }
        out.flush();
        return found.chosen().there() ? 0 : 1;
    }

    private static void print(Diagnosis found, PrintWriter out) {
        Machine machine = found.machine();
        out.printf("Machine%n");
        line(out, "system", machine.system() + ", " + machine.architecture());
        line(out, "processor", "%s, %d usable".formatted(machine.processor(), machine.processors()));
        line(
                out,
                "features",
                machine.features().isEmpty() ? "the system does not tell" : String.join(" ", machine.features()));
        line(
                out,
                "memory",
                "%,d MiB; Java's heap can take %,d MiB, weights lie outside it"
                        .formatted(machine.memory() >> 20, machine.largestHeap() >> 20));
        line(out, "Java", machine.java() + ", " + machine.javaHome());
        out.printf("%nA run takes%n");
        line(out, found.chosen().name(), found.chosen().detail());
        found.passedOver().forEach(better -> line(out, "not " + better.name(), better.detail()));
        out.printf("%nBackends%n");
        found.backends()
                .forEach(backend ->
                        line(out, backend.name(), (backend.there() ? "" : "NOT AVAILABLE: ") + backend.detail()));
        out.printf("%nTools%n");
        found.tools().forEach(tool -> line(out, tool.name(), tool.detail()));
        out.printf("%nKept between runs (each folder can be deleted)%n");
        found.caches()
                .forEach(cache -> line(
                        out,
                        cache.name(),
                        cache.files() == 0
                                ? cache.folder() + ": nothing"
                                : "%s: %,d files, %,d MiB"
                                        .formatted(
                                                cache.folder(), cache.files(), cache.bytes() + (1 << 20) - 1 >> 20)));
    }

    private static void line(PrintWriter out, String name, String detail) {
        out.printf("  %-22s %s%n", name, detail);
    }

    private static String json(Diagnosis found) {
        Machine machine = found.machine();
        ObjectNode root = MAPPER.createObjectNode().put("schema", "threehalf-doctor/1");
        ObjectNode here = root.putObject("machine")
                .put("system", machine.system())
                .put("architecture", machine.architecture())
                .put("processor", machine.processor())
                .put("processors", machine.processors())
                .put("memoryBytes", machine.memory())
                .put("java", machine.java())
                .put("javaHome", machine.javaHome())
                .put("largestHeapBytes", machine.largestHeap());
        machine.features().forEach(here.putArray("features")::add);
        put(root.putObject("chosen"), found.chosen());
        put(root.putArray("passedOver"), found.passedOver());
        put(root.putArray("backends"), found.backends());
        put(root.putArray("tools"), found.tools());
        ArrayNode caches = root.putArray("caches");
        found.caches()
                .forEach(cache -> caches.addObject()
                        .put("name", cache.name())
                        .put("folder", cache.folder().toString())
                        .put("files", cache.files())
                        .put("bytes", cache.bytes()));
        return MAPPER.writeValueAsString(root);
    }

    private static void put(ArrayNode array, List<Diagnosis.Finding> findings) {
        findings.forEach(finding -> put(array.addObject(), finding));
    }

    private static void put(ObjectNode node, Diagnosis.Finding finding) {
        node.put("name", finding.name()).put("there", finding.there()).put("detail", finding.detail());
    }
}
