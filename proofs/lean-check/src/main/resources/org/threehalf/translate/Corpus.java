/**
 * Small methods that Java and Lean must give the same results of: what the translator's rules are about.
 *
 * <p>TranslatedMethods compiles this very text and translates it. A method that gives nothing writes to its first
 * argument, an array. Parameters: n is a size, i an index, s a shift's count; they get small numbers too.
 */
@SuppressWarnings("lossy-conversions")
public final class Corpus {
    private Corpus() {}

    public static int product(int x, int y) {
        return x * y / 7;
    }

    public static int arithmetic(int x, int y) {
        return x * 3 - y * (x + 7) + -y;
    }

    public static long wideArithmetic(long x, int y) {
        return x * 3 - y * (x + 7L) + -x;
    }

    public static int quotient(int x, int y) {
        return x / y + x % y * 1000;
    }

    public static long wideQuotient(long x, long y) {
        return x / y - x % y;
    }

    public static int byConstants(int x) {
        return x / 16 + x % 16 * 100 + x / -3;
    }

    public static int left(int x, int s) {
        return x << s;
    }

    public static int right(int x, int s) {
        return x >> s;
    }

    public static int unsignedRight(int x, int s) {
        return x >>> s;
    }

    public static long wideLeft(long x, int s) {
        return x << s;
    }

    public static long wideRight(long x, long s) {
        return x >> s;
    }

    public static long wideUnsignedRight(long x, int s) {
        return x >>> s;
    }

    public static int bits(int x, int y) {
        return (x & y) + (x | 12) * (x ^ y) + ~x;
    }

    public static long wideBits(long x, int y) {
        return (x & y) - (x | y) + (x ^ 255) + ~x;
    }

    public static int toByte(int x) {
        return (byte) x;
    }

    public static int toShort(int x) {
        return (short) x;
    }

    public static int toChar(int x) {
        return (char) x;
    }

    public static int toInt(long x) {
        return (int) x;
    }

    public static int byteToChar(int x) {
        return (char) (byte) x;
    }

    public static int unsignedByte(byte b) {
        return b & 0xff;
    }

    public static int compound(int x, int y) {
        byte b = (byte) x;
        b += y;
        short s = (short) y;
        s *= x;
        b >>>= 1;
        char c = (char) x;
        c -= 3;
        x <<= y;
        return b + s * 3 + c + x;
    }

    public static long compoundWide(long x, int y) {
        int z = y;
        z += x;
        x -= z;
        x >>>= y;
        return x ^ z;
    }

    public static int steps(int x) {
        int y = x++ * 10 + x;
        y += --x - x--;
        byte b = (byte) y;
        b++;
        return ++y * 3 + x + b;
    }

    public static int magnitude(int x, int y) {
        return Math.abs(x) + Math.max(x, y) * 3 - Math.min(y, 7);
    }

    public static boolean leastMagnitude(int x, long y) {
        return Math.abs(x) < 0 || Math.abs(y) < 0;
    }

    public static boolean compare(int x, long y) {
        return x < y && !(x <= -y) || x == y && x != 3 || x > 100 && y >= x;
    }

    public static int choice(int x, int y) {
        int z = 0;
        if (x > y) {
            z = x - y;
        } else if (x == y) {
            z = 7;
        } else {
            z = x > 0 ? y / 2 : y;
            x = 4;
        }
        return z + x;
    }

    public static int refuses(int x) {
        int y = 1;
        if (x < 0) {
            throw new IllegalArgumentException("it is " + x / 2);
        }
        if (x % 2 == 1) {
            y = 5;
        }
        return x * y;
    }

    public static int indexBeforeDivision(int[] a, int i, int x, int y) {
        return a[i] + x / y;
    }

    public static int divisionBeforeIndex(int[] a, int i, int x, int y) {
        return x / y + a[i];
    }

    public static int changesBetween(int[] a, int i) {
        return a[i++] * 10 + a[i++] + i + (i = 2) * a[i];
    }

    public static void storesByOldIndex(int[] a, int i, int x) {
        a[i] = i = x;
        a[i] += 3;
        a[i]++;
    }

    public static int guarded(int[] a, int i) {
        return i >= 0 && i < a.length && a[i] > 0 || i == -1 ? 1 : i < 3 ? a[i] : 0;
    }

    public static int sum(byte[] a, int n) {
        int sum = 0;
        int most = -128;
        for (int k = 0; k < n; k++) {
            sum += a[k] * k;
            if (a[k] > most) {
                most = a[k];
            }
        }
        return sum * 1000 + most;
    }

    public static void fill(byte[] a, int from, int x) {
        for (int k = from; k <= 5; k++) {
            int old = a[k];
            a[k] = (byte) (x * k + old);
        }
    }

    public static int scratch(int n, int x) {
        int[] a = new int[n];
        for (int i = 1; i < a.length; i++) {
            a[i] = a[i - 1] + x;
        }
        fillTwice(a, x);
        return a[n - 1];
    }

    public static void fillTwice(int[] a, int x) {
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < 2; j++) {
                a[i] = a[i] * 2 + x;
            }
        }
    }

    public static long longs(long[] a, int i, long x) {
        return a[i] * x - a[i + 1] / x + (a[i] >>> 60);
    }

    public static void chars(char[] a, int i, int x) {
        a[i] += x;
        a[i + 1] = (char) (a[i] - x * 3);
        --a[i];
    }

    public static void shorts(short[] a, int i, long x) {
        a[i] = (short) (x + a[i]);
        a[i] -= x;
        a[i + 1] >>= x;
    }

    public static int manyTurns(int n, int x) {
        int sum = x;
        for (int k = 0; k < 40 * n; k++) {
            sum = sum * 31 + k;
            if (sum < 0) {
                sum = sum >>> 3 ^ x;
            }
        }
        return sum;
    }

    public static int half(int x, int y) {
        return x / (y - 2);
    }

    public static int at(int[] a, int i) {
        return a[i];
    }

    public static int callsInOrder(int[] a, int i, int x) {
        return at(a, i) - half(x, i) * at(a, i + x) + at(a, i = i - x) + i;
    }

    public static long widens(byte b, short s, char c, int x) {
        return b * 3L + (s << 20) - c * x + (long) x * x;
    }
}
