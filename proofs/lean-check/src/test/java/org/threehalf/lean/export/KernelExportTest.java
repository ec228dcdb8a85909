package org.threehalf.lean.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link KernelExport} and {@link Olean} on modules that {@link OleanFile} writes. */
class KernelExportTest {
    private static final BigInteger LARGE = BigInteger.ONE.shiftLeft(100).add(BigInteger.TWO);

    @TempDir
    Path folder;

    private KernelExport.Compiled compiled(int word) {
        return new KernelExport.Compiled(
                Set.of("Own"), List.of(folder.resolve("own"), folder.resolve("library")), word, "4.28.0-pre");
    }

    private List<String> export(int word, boolean wrong) throws IOException {
        Path text = folder.resolve("text.ndjson");
        KernelExport.write(text, compiled(word), wrong);
        return Files.readAllLines(text);
    }

    /** P and Q are propositions, p and q prove them. */
    private void library(int word) throws IOException {
        OleanFile file = new OleanFile(word, 0x10000);
        file.write(
                folder.resolve("library/Lib.olean"),
                new String[0],
                file.axiom("q", file.constant("Q")),
                file.axiom("P", file.prop()),
                file.axiom("Q", file.prop()),
                file.axiom("p", file.constant("P")),
                file.axiom("Unused", file.prop()));
    }

    private void own(OleanFile file, long... constants) throws IOException {
        file.write(folder.resolve("own/Own.olean"), new String[] {"Lib"}, constants);
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 8})
    void aConstantComesAfterAllThatItUses(int word) throws IOException {
        library(word);
        OleanFile file = new OleanFile(word, 0x20000);
        long remark = file.constructor(10, new byte[8], OleanFile.small(0), file.constant("p"));
        own(
                file,
                file.theorem("Own.first", file.constant("P"), remark),
                file.theorem("Own.second", file.constant("Q"), file.constant("q")));
        assertEquals(
                List.of(
                        "{'str':{'pre':0,'str':'P'},'in':1}",
                        "{'sort':0,'ie':0}",
                        "{'axiom':{'name':1,'levelParams':[],'type':0,'isUnsafe':false}}",
                        "{'str':{'pre':0,'str':'p'},'in':2}",
                        "{'const':{'name':1,'us':[]},'ie':1}",
                        "{'axiom':{'name':2,'levelParams':[],'type':1,'isUnsafe':false}}",
                        "{'str':{'pre':0,'str':'Own'},'in':3}",
                        "{'str':{'pre':3,'str':'first'},'in':4}",
                        "{'const':{'name':2,'us':[]},'ie':2}",
                        "{'thm':{'name':4,'levelParams':[],'type':1,'value':2,'all':[4]}}",
                        "{'str':{'pre':0,'str':'Q'},'in':5}",
                        "{'axiom':{'name':5,'levelParams':[],'type':0,'isUnsafe':false}}",
                        "{'str':{'pre':0,'str':'q'},'in':6}",
                        "{'const':{'name':5,'us':[]},'ie':3}",
                        "{'axiom':{'name':6,'levelParams':[],'type':3,'isUnsafe':false}}",
                        "{'str':{'pre':3,'str':'second'},'in':7}",
                        "{'const':{'name':6,'us':[]},'ie':4}",
                        "{'thm':{'name':7,'levelParams':[],'type':3,'value':4,'all':[7]}}"),
                export(word, false).stream()
                        .skip(1)
                        .map(l -> l.replace('"', '\''))
                        .toList());
        KernelExport.Written written = KernelExport.write(folder.resolve("text.ndjson"), compiled(word), false);
        assertEquals(2, written.theorems());
        assertEquals(6, written.declarations());
        assertEquals(Set.of("P", "Q", "p", "q"), written.assumed());
    }

    /** The seeded fault: the proof of the first under the second, and nothing else. */
    @ParameterizedTest
    @ValueSource(ints = {4, 8})
    void aWrongProofIsTheOneDifference(int word) throws IOException {
        library(word);
        OleanFile file = new OleanFile(word, 0x20000);
        own(
                file,
                file.theorem("Own.first", file.constant("P"), file.constant("p")),
                file.theorem("Own.second", file.constant("Q"), file.constant("q")));
        List<String> right = export(word, false);
        List<String> wrong = export(word, true);
        assertEquals(right.size(), wrong.size());
        List<String> changed =
                wrong.stream().filter(line -> !right.contains(line)).toList();
        assertEquals(1, changed.size());
        assertTrue(changed.getFirst().contains("\"value\":2,"), changed::toString);
    }

    @Test
    void oneTheoremAloneCannotBeProvedWrongly() throws IOException {
        library(4);
        OleanFile file = new OleanFile(4, 0x20000);
        own(file, file.theorem("Own.first", file.constant("P"), file.constant("p")));
        assertTrue(assertThrows(IOException.class, () -> export(4, true))
                .getMessage()
                .contains("no two theorems"));
    }

    /** A type with a constructor and a recursor, in one line, after what they use. */
    @ParameterizedTest
    @ValueSource(ints = {4, 8})
    void aTypeComesWithItsConstructorsAndRecursors(int word) throws IOException {
        OleanFile file = new OleanFile(word, 0x30000);
        long type = file.constructor(
                5,
                new byte[0],
                file.constructor(
                        0,
                        new byte[3],
                        file.common("U", OleanFile.small(0), file.prop()),
                        OleanFile.small(0),
                        OleanFile.small(0),
                        file.names("U"),
                        file.names("U.mk"),
                        OleanFile.small(0)));
        long made = file.constructor(
                6,
                new byte[0],
                file.constructor(
                        0,
                        new byte[1],
                        file.common("U.mk", OleanFile.small(0), file.constant("U")),
                        file.name("U"),
                        OleanFile.small(0),
                        OleanFile.small(0),
                        OleanFile.small(0)));
        long motive = file.binder(7, "t", 0, file.constant("U"), file.sort(file.level("u")));
        long of = file.binder(
                7,
                "motive",
                1,
                motive,
                file.binder(
                        7,
                        "mk",
                        0,
                        file.apply(file.variable(0), file.constant("U.mk")),
                        file.binder(7, "t", 0, file.constant("U"), file.apply(file.variable(2), file.variable(0)))));
        long body = file.binder(
                6,
                "motive",
                0,
                motive,
                file.binder(6, "mk", 0, file.apply(file.variable(0), file.constant("U.mk")), file.variable(0)));
        long rule = file.constructor(0, new byte[0], file.name("U.mk"), OleanFile.small(0), body);
        long eliminator = file.constructor(
                7,
                new byte[0],
                file.constructor(
                        0,
                        new byte[] {1, 0},
                        file.common("U.rec", file.names("u"), of),
                        file.names("U"),
                        OleanFile.small(0),
                        OleanFile.small(0),
                        OleanFile.small(1),
                        OleanFile.small(1),
                        file.list(rule)));
        file.write(folder.resolve("own/Own.olean"), new String[0], eliminator, type, made);
        List<String> lines = export(word, false).stream()
                .map(l -> l.replace('"', '\''))
                .filter(l -> l.startsWith("{'ind"))
                .toList();
        assertEquals(
                List.of(
                        "{'inductive':{'types':[{'name':1,'levelParams':[],'type':0,'numParams':0,'numIndices':0,'all':[1],'ctors':[2],'numNested':0,'isRec':false,'isUnsafe':false,'isReflexive':false}],"
                                + "'ctors':[{'name':2,'levelParams':[],'type':1,'induct':1,'cidx':0,'numParams':0,'numFields':0,'isUnsafe':false}],"
                                + "'recs':[{'name':4,'levelParams':[3],'type':11,'all':[1],'numParams':0,'numIndices':0,'numMotives':1,'numMinors':1,'rules':[{'ctor':2,'nfields':0,'rhs':13}],'k':true,'isUnsafe':false}]}}"),
                lines);
    }

    /** Numbers of any size, the texts of strings, projections and what is bound. */
    @ParameterizedTest
    @ValueSource(ints = {4, 8})
    void expressionsOfEveryKind(int word) throws IOException {
        library(word);
        OleanFile file = new OleanFile(word, 0x20000);
        long literal = file.constructor(9, new byte[8], file.constructor(0, new byte[0], file.number(LARGE)));
        long text = file.constructor(9, new byte[8], file.constructor(1, new byte[0], file.string("ü\"")));
        long projection = file.constructor(11, new byte[8], file.name("P"), OleanFile.small(3), text);
        long bound = file.constructor(
                8, new byte[9], file.name("x.1"), file.constant("Nat"), literal, file.apply(projection, literal));
        own(
                file,
                file.axiom("Nat", file.prop()),
                file.axiom("Char.ofNat", file.prop()),
                file.axiom("String.ofList", file.prop()),
                file.definition("Own.d", 1, file.constant("P"), bound));
        List<String> lines = export(word, false);
        for (String expected : List.of(
                "{\"natVal\":\"" + LARGE + "\",\"ie\":",
                "{\"strVal\":\"ü\\\"\",\"ie\":",
                "{\"num\":{\"pre\":",
                "\"idx\":3,\"struct\":",
                "\"nondep\":false}",
                "\"hints\":{\"regular\":7},\"safety\":\"safe\"")) {
            assertTrue(lines.stream().anyMatch(line -> line.contains(expected)), expected + " in " + lines);
        }
        // Axioms of the project's own are no assumptions that another kernel may make.
        assertEquals(
                Set.of("P"),
                KernelExport.write(folder.resolve("text.ndjson"), compiled(word), false)
                        .assumed());
    }

    /** What is unsafe is left out, and must not be used by what is not. */
    @Test
    void whatIsUnsafeIsNotUsed() throws IOException {
        library(4);
        OleanFile alone = new OleanFile(4, 0x20000);
        own(alone, alone.definition("Own.loop", 0, alone.constant("P"), alone.constant("Own.loop")));
        assertTrue(export(4, false).stream().noneMatch(line -> line.contains("\"def\"")));
        OleanFile used = new OleanFile(4, 0x20000);
        own(
                used,
                used.definition("Own.loop", 0, used.constant("P"), used.constant("Own.loop")),
                used.theorem("Own.false", used.constant("P"), used.constant("Own.loop")));
        assertTrue(assertThrows(IOException.class, () -> export(4, false))
                .getMessage()
                .startsWith("Own.loop is unsafe"));
    }

    /** What others may not see of a module lies in a file of its own, whose objects are in both. */
    @Test
    void theWholeOfAModuleCounts() throws IOException {
        library(4);
        OleanFile seen = new OleanFile(4, 0x20000);
        long type = seen.constant("P");
        own(seen, seen.axiom("Own.first", type));
        OleanFile whole = new OleanFile(4, 0x90000);
        long imported = whole.constructor(0, new byte[3], whole.name("Lib"));
        whole.write(
                folder.resolve("own/Own.olean.private"),
                whole.constructor(
                        0,
                        new byte[] {1},
                        whole.array(imported),
                        whole.array(),
                        whole.array(whole.theorem("Own.first", type, whole.constant("p"))),
                        whole.array(),
                        whole.array()));
        assertTrue(export(4, false).stream().anyMatch(line -> line.startsWith("{\"thm\"")));
    }

    @Test
    void whatIsDamagedOrMissingIsSaid() throws IOException {
        library(4);
        OleanFile file = new OleanFile(4, 0x20000);
        own(file, file.theorem("Own.first", file.constant("P"), file.constant("Gone")));
        assertTrue(assertThrows(IOException.class, () -> export(4, false))
                .getMessage()
                .endsWith("has the constant Gone"));
        Path module = folder.resolve("own/Own.olean");
        byte[] all = Files.readAllBytes(module);
        byte[] flipped = all.clone();
        flipped[84] ^= 0x40;
        Files.write(module, flipped);
        assertTrue(assertThrows(IOException.class, () -> export(4, false))
                .getMessage()
                .contains("no object lies at"));
        byte[] foreign = all.clone();
        foreign[5] = 3;
        Files.write(module, foreign);
        assertTrue(assertThrows(IOException.class, () -> export(4, false))
                .getMessage()
                .contains("format 3 of compiled modules; 2 is read"));
        Files.writeString(module, "text");
        assertTrue(assertThrows(IOException.class, () -> export(4, false))
                .getMessage()
                .endsWith("Own.olean: no compiled module of Lean"));
        Files.delete(module);
        assertTrue(assertThrows(IOException.class, () -> export(4, false))
                .getMessage()
                .startsWith("no compiled module Own below "));
    }
}
