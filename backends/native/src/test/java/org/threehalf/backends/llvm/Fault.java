package org.threehalf.backends.llvm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A mistake that a generator could make, at one place of what it writes.
 *
 * @param function the exported function that it is in, or that calls the one it is in
 * @param right a module of this function alone, with those that it calls
 * @param wrong the same with the mistake
 */
record Fault(String function, String right, String wrong) {

    private static final Pattern FUNCTION =
            Pattern.compile("^define (internal )?void @(\\w+)\\(.*?^}\n", Pattern.MULTILINE | Pattern.DOTALL);

    /**
     * A fault for every place of a module that a pattern finds.
     *
     * @param pattern what it has in its first group, or if that is not there in its second, is changed
     */
    static List<Fault> of(String module, Pattern pattern, UnaryOperator<String> change) {
        List<Fault> faults = new ArrayList<>();
        functions(module).forEach((function, right) -> {
            Matcher places = pattern.matcher(right);
            while (places.find()) {
                int group = places.start(1) >= 0 ? 1 : 2;
                faults.add(new Fault(
                        function,
                        right,
                        right.substring(0, places.start(group))
                                + change.apply(places.group(group))
                                + right.substring(places.end(group))));
            }
        });
        return faults;
    }

    /** For each exported function a module of it alone: a fault in one takes only that to be compiled again. */
    private static Map<String, String> functions(String module) {
        Map<String, String> exported = new LinkedHashMap<>();
        StringBuilder internal = new StringBuilder();
        Matcher functions = FUNCTION.matcher(module);
        int end = 0;
        while (functions.find()) {
            if (functions.group(1) == null) {
                exported.put(functions.group(2), functions.group());
            } else {
                internal.append(functions.group());
            }
            end = functions.end();
        }
        String rest = module.substring(end);
        exported.replaceAll((name, text) -> (text.contains("call void @multiply") ? internal : "") + text + rest);
        return exported;
    }

    /**
     * Whether the mistake is none: LLVM's code generator makes the same machine code of both. That is the one rule by
     * which a fault that changes no result is let pass (trivial compiler equivalence: Papadakis, Jia, Harman, Le Traon,
     * ICSE 2015); it holds for whatever the instruction set, and no fault that could ever change a result satisfies it.
     */
    boolean changesNoCode() {
        return Arrays.equals(
                Llvm.emit(right, Llvm.triple(), Llvm.Output.OBJECT),
                Llvm.emit(wrong, Llvm.triple(), Llvm.Output.OBJECT));
    }

    /** The changed line, after its function's name. */
    @Override
    public String toString() {
        int at = 0;
        while (right.charAt(at) == wrong.charAt(at)) {
            at++;
        }
        int define = wrong.lastIndexOf("define", at);
        return wrong.substring(define, wrong.indexOf('(', define)) + ": "
                + wrong.substring(wrong.lastIndexOf('\n', at) + 1, wrong.indexOf('\n', at))
                        .strip();
    }
}
