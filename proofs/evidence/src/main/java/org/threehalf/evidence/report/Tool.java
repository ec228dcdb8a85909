package org.threehalf.evidence.report;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.threehalf.kernels.io.Sha256;

/**
 * A program or library that results rest on.
 *
 * @param name its name
 * @param version its version
 * @param hash its SHA-256 in hexadecimal, or an npm integrity; empty where its package manager answers for it
 */
public record Tool(String name, String version, String hash) {
    private static final Pattern JAR = Pattern.compile("(.+?)-(\\d[\\w.+-]*)\\.jar");

    /**
     * The jars of a class path, in the order of their names. Folders, which are this project's own classes, are left
     * out.
     */
    public static List<Tool> ofClassPath(String classPath) throws IOException {
        List<Tool> tools = new ArrayList<>();
        for (String entry : classPath.split(Pattern.quote(File.pathSeparator))) {
            Path file = Path.of(entry);
            Matcher name = JAR.matcher(String.valueOf(file.getFileName()));
            // The project's own jars are built from the commit that the report names.
            if (name.matches() && Files.isRegularFile(file) && !name.group(1).startsWith("threehalf-")) {
                tools.add(new Tool(name.group(1), name.group(2), Sha256.of(file)));
            }
        }
        tools.sort(java.util.Comparator.comparing(Tool::name).thenComparing(Tool::version));
        return tools;
    }
}
