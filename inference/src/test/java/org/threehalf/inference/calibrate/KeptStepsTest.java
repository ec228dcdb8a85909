package org.threehalf.inference.calibrate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.inference.TinyModels;
import org.threehalf.inference.calibrate.CalibratedModel.Steps;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufReader;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.inference.model.QuantizedModelWriter;
import org.threehalf.inference.model.QuantizedModelWriter.FormatChoice;
import org.threehalf.inference.model.QuantizedModelWriter.Listener;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.quantize.DampedHessian;
import org.threehalf.kernels.quantize.MatrixQuantizer;

/** A calibration that was ended goes on, and comes to the same bytes. */
class KeptStepsTest {
    @TempDir
    private Path folder;

    /** Steps of this process, of which some are counted, and which end as if killed after some. */
    private static final class Counted implements Steps {
        private final List<String> searched = new ArrayList<>();
        private final int most;

        Counted(int most) {
            this.most = most;
        }

        @Override
        public MatrixQuantizer.Error quantize(
                GgufTensor tensor, int first, PackedMatrix target, DampedHessian hessian, IntConsumer rowDone) {
            if (searched.size() == most) {
                throw new IllegalStateException("killed");
            }
            searched.add(tensor.name());
            return HERE.quantize(tensor, first, target, hessian, rowDone);
        }
    }

    private static final class Rows implements Listener {
        private long rows;

        @Override
        public synchronized void rowDone() {
            rows++;
        }
    }

    private long quantize(Format format, int seed, Steps steps, Path target) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        Rows rows = new Rows();
        try (GgufFile source = GgufReader.open(TinyModels.path("gemma3"));
                Backend device = BackendProvider.named("reference").open();
                Arena arena = Arena.ofShared()) {
            FormatChoice choice = FormatChoice.uniform(format);
            List<int[]> windows = List.of(random.ints(64, 0, 200).toArray());
            CalibratedModel matrices = CalibratedModel.of(source, windows, choice, false, device, steps, rows, arena);
            QuantizedModelWriter.quantize(source, target, choice, matrices, "calibrated", rows);
        }
        return rows.rows;
    }

    private List<Path> kept(Path parts) throws IOException {
        try (var listing = Files.list(parts)) {
            return listing.sorted().toList();
        }
    }

    @Test
    void aRunThatWasEndedGoesOn() throws IOException {
        Counted whole = new Counted(Integer.MAX_VALUE);
        Path right = folder.resolve("right.gguf");
        final long rows = quantize(Format.G35, 1, whole, right);
        Path parts = folder.resolve("parts");
        Path target = folder.resolve("out.gguf");
        assertThrows(
                IllegalStateException.class,
                () -> quantize(Format.G35, 1, KeptSteps.in(parts, new Counted(5)), target));
        assertEquals(5, kept(parts).size());

        // One of the five is damaged: it is searched for again.
        Path damaged = kept(parts).get(2);
        byte[] bytes = Files.readAllBytes(damaged);
        bytes[bytes.length / 3] ^= 4;
        Files.write(damaged, bytes);
        Path shorter = kept(parts).get(3);
        Files.write(shorter, java.util.Arrays.copyOf(Files.readAllBytes(shorter), 7));

        Counted rest = new Counted(Integer.MAX_VALUE);
        KeptSteps again = KeptSteps.in(parts, rest);
        assertEquals(rows, quantize(Format.G35, 1, again, target), "rows are told of, found or made");
        assertEquals(whole.searched.size() - 3, rest.searched.size());
        assertArrayEquals(Files.readAllBytes(right), Files.readAllBytes(target));

        Counted nothing = new Counted(0);
        quantize(Format.G35, 1, KeptSteps.in(parts, nothing), folder.resolve("third.gguf"));
        assertArrayEquals(Files.readAllBytes(right), Files.readAllBytes(folder.resolve("third.gguf")));

        again.remove();
        assertTrue(Files.isDirectory(parts), "this run did not make the folder");
        assertEquals(List.of(), kept(parts));
    }

    /** A link at a part's name is not written through, and what is no file is written anew. */
    @Test
    void whatIsNoFileIsReplaced() throws IOException {
        Path parts = folder.resolve("parts");
        quantize(Format.G35, 1, KeptSteps.in(parts, Steps.HERE), folder.resolve("a.gguf"));
        Path precious = Files.writeString(folder.resolve("precious"), "precious");
        List<Path> all = kept(parts);
        Files.delete(all.get(0));
        Files.createSymbolicLink(all.get(0), precious);
        Files.delete(all.get(1));
        Files.createDirectory(all.get(1));
        Files.delete(all.get(2));
        Files.createSymbolicLink(all.get(2), folder.resolve("nowhere"));
        Counted again = new Counted(Integer.MAX_VALUE);
        quantize(Format.G35, 1, KeptSteps.in(parts, again), folder.resolve("b.gguf"));
        assertEquals(3, again.searched.size());
        assertEquals("precious", Files.readString(precious));
        assertEquals(-1, Files.mismatch(folder.resolve("a.gguf"), folder.resolve("b.gguf")));
    }

    /** Another run that was done first may have removed the parts and the folder. */
    @Test
    void whatAnotherRunRemovedIsMissedByNobody() throws IOException {
        Path parts = folder.resolve("parts");
        KeptSteps one = KeptSteps.in(parts, Steps.HERE);
        quantize(Format.G35, 1, one, folder.resolve("a.gguf"));
        KeptSteps other = KeptSteps.in(parts, Steps.HERE);
        quantize(Format.G35, 1, other, folder.resolve("b.gguf"));
        one.remove();
        assertFalse(Files.exists(parts));
        other.remove();
        assertFalse(Files.exists(parts));
    }

    /** What another format or another text left is not taken, and not removed. */
    @Test
    void partsOfAnotherRunStay() throws IOException {
        Path parts = folder.resolve("parts");
        quantize(Format.G35, 1, KeptSteps.in(parts, Steps.HERE), folder.resolve("a.gguf"));
        List<Path> first = kept(parts);
        assertTrue(first.size() > 5);
        Counted other = new Counted(Integer.MAX_VALUE);
        quantize(Format.G4, 1, KeptSteps.in(parts, other), folder.resolve("b.gguf"));
        Counted text = new Counted(Integer.MAX_VALUE);
        KeptSteps second = KeptSteps.in(parts, text);
        quantize(Format.G35, 2, second, folder.resolve("c.gguf"));
        assertEquals(first.size(), other.searched.size());
        assertEquals(first.size(), text.searched.size());
        second.remove();
        assertTrue(kept(parts).containsAll(first));
    }

    @Test
    void aFileIsNoFolder() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "x");
        assertTrue(assertThrows(IOException.class, () -> KeptSteps.in(file, Steps.HERE))
                .getMessage()
                .endsWith("is no folder: name one in which finished parts are kept"));
    }
}
