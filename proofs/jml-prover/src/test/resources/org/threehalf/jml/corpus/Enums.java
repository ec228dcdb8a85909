package corpus;

/** Constants of an enum: which there are, and null. */
final class Enums {
    enum Side { LEFT, RIGHT }

    enum Shade { LIGHT, GREY, DARK }

    private Enums() {}

    /** Proved. */
    /*@ ensures side == Side.LEFT ==> \result == 3;
      @ ensures side == Side.RIGHT ==> \result == 4; @*/
    /*@ pure @*/ static int chosen(Side side) {
        return switch (side) {
            case RIGHT -> 4;
            case LEFT -> 3;
        };
    }

    /** Refuted (ensures): the constants are mixed up. */
    /*@ ensures side == Side.LEFT ==> \result == 3; @*/
    /*@ pure @*/ static int mixedUp(Side side) {
        return switch (side) {
            case LEFT -> 4;
            case RIGHT -> 3;
        };
    }

    /** Proved: there are two constants, and null is none that a parameter has. */
    /*@ ensures \result == (side == Side.RIGHT); @*/
    /*@ pure @*/ static boolean otherThanLeft(Side side) {
        return side != Side.LEFT;
    }

    /** Refuted (ensures): there are three. */
    /*@ ensures \result == (shade == Shade.DARK); @*/
    /*@ pure @*/ static boolean otherThanLight(Shade shade) {
        return shade != Shade.LIGHT;
    }

    /** Refuted (ensures): it may be null. */
    /*@ ensures \result == (side == Side.RIGHT); @*/
    /*@ pure @*/ static boolean nullOrRight(/*@ nullable @*/ Side side) {
        return side != Side.LEFT;
    }

    /** Refuted (null): a switch needs a constant. */
    /*@ ensures true; @*/
    /*@ pure @*/ static int chosenOfNull(/*@ nullable @*/ Side side) {
        return switch (side) {
            case LEFT -> 3;
            case RIGHT -> 4;
        };
    }

    /** Proved: the callee's contract speaks of each constant. */
    /*@ ensures \result <= 1; @*/
    /*@ pure @*/ static int called(Side side) {
        return chosen(side) - 3;
    }

    /** Refuted (null): the callee's parameter is not nullable. */
    /*@ ensures true; @*/
    /*@ pure @*/ static int calledWithNull(/*@ nullable @*/ Side side) {
        return chosen(side);
    }

    /** Proved: only the case that is taken must have a value. */
    /*@ ensures true; @*/
    /*@ pure @*/ static int guarded(Side side, int a) {
        return side == Side.LEFT && a == 0 ? 0 : switchOf(side, a);
    }

    /** Refuted (division): on the left a may be 0. */
    /*@ ensures true; @*/
    /*@ pure @*/ static int unguarded(Side side, int a) {
        return switch (side) {
            case LEFT -> 1 / a;
            case RIGHT -> a;
        };
    }

    /** Proved: on the left a is not 0. */
    /*@ requires side == Side.LEFT ==> a != 0;
      @ ensures true; @*/
    /*@ pure @*/ static int switchOf(Side side, int a) {
        return switch (side) {
            case LEFT -> 1 / a;
            case RIGHT -> a;
        };
    }
}
