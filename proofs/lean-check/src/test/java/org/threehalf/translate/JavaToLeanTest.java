package org.threehalf.translate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JavaToLeanTest {
    private static final Path ROOT = Path.of(System.getProperty("threehalf.root", "../.."));

    @TempDir
    Path folder;

    /** The theorems speak of the sources as they are: the committed translation is that of these very files. */
    @Test
    void theKernelsTranslationIsThatOfTheSources() throws IOException {
        assertEquals(Files.readString(ROOT.resolve(JavaToLean.GENERATED)), JavaToLean.kernels(ROOT));
    }

    /** One changed operator in a source changes the translation, so that it cannot stay as it is. */
    @Test
    void anotherSourceIsAnotherTranslation() throws IOException {
        String source = Files.readString(
                ROOT.resolve("kernels/src/main/java/org/threehalf/kernels/reference/UnsignedByte.java"));
        String plain = translated("UnsignedByte", source);
        assertTrue(Files.readString(ROOT.resolve(JavaToLean.GENERATED)).contains("andInt (shrInt b t) 1"));
        assertTrue(plain.contains("andInt (shrInt b t) 1"), plain);
        assertTrue(translated("UnsignedByte", source.replace("b >> t & 1", "b >>> t & 1"))
                .contains("andInt (ushrInt b t) 1"));
    }

    @Test
    void operandsAreTakenBeforeLaterOnesChangeThem() throws IOException {
        String lean = translated("T", "class T { static int f(int x) { return x + x++ * 10 + x; } }");
        assertEquals("""
                /-- `f` of `T.java`. -/
                def T.f (x : Int) : Int :=
                  let v'1 : Int := x
                  let v'2 : Int := x
                  let x : Int := addInt v'2 1
                  addInt (addInt v'1 (mulInt v'2 10)) x

                """, lean);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    static int f(int x) { while (x > 0) { x--; } return x; } | 1:33 | a statement of kind WHILE_LOOP
                    static int f(int x) { return f(x); } | 1:40 | recursion
                    static int f(int[] a, int[] b) { int[] c = a; c[0] = 1; return 0; } | 1:44 | a second name for an array
                    static void f(int[] a) { g(a, a); } static void g(int[] a, int[] b) { a[0] = b[0]; } | 1:36 | an array that a call both writes to and reads
                    static int f(int n) { for (int i = 0; i < n; i++) { n--; } return n; } | 1:49 | a bound that the loop changes
                    static int f(int n) { for (int i = 0; i <= n; i++) { } return n; } | 1:49 | <= a bound that is no constant
                    static int f(int n) { for (int i = 0; i < n; i++) { return i; } return n; } | 1:63 | a return from within a loop
                    static boolean f(boolean a, boolean b) { return a & b; } | 1:59 | an operator on boolean and boolean
                    static int f(int x, int y) { return x > 0 && (y = 3) > 0 ? y : 0; } | 1:56 | an assignment where it is not always evaluated
                    static int f(int x) { return Integer.bitCount(x); } | 1:40 | a call of java.lang.Integer.bitCount(int)
                    static String f(int x) { return "" + x; } | 1:43 | the constant
                    static float f(float x) { return x % 2; } | 1:44 | the operator rem of floating-point numbers
                    static int f(int x) { switch (x) { default: return 1; } } | 1:33 | a statement of kind SWITCH
                    int f(int x) { return x; } | 1:11 | a method that is not static
                    static int f = 3; | 1:11 | a member of kind VARIABLE
                    """)
    void whatHasNoMeaningIsRefusedByItsPlace(String member, String place, String what) {
        UnsupportedJavaException refused =
                assertThrows(UnsupportedJavaException.class, () -> translated("T", "class T { " + member + " }"));
        assertTrue(refused.getMessage().contains(what), refused.getMessage());
        assertTrue(refused.getMessage().startsWith("T.java:" + place + ":"), refused.getMessage());
    }

    @Test
    void whatJavacRefusesIsRefused() {
        UnsupportedJavaException refused = assertThrows(
                UnsupportedJavaException.class, () -> translated("T", "class T { static int f(int x) { return y; } }"));
        assertTrue(refused.getMessage().startsWith("javac: "), refused.getMessage());
    }

    private String translated(String name, String source) throws IOException {
        Path file = Files.writeString(folder.resolve(name + ".java"), source);
        return JavaToLean.translated(List.of(file), folder, new Rules(), false).get(name);
    }
}
