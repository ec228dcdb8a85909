package org.threehalf.jml.maven;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.maven.plugin.AbstractMojo;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.plugins.annotations.ResolutionScope;
import org.jspecify.annotations.Nullable;
import org.threehalf.jml.ContractCheck;
import org.threehalf.jml.ContractReport;
import org.threehalf.jml.OpenClauses;
import org.threehalf.jml.frontend.Lookup;

/**
 * {@code jml:verify}: proves the JML contracts of a project's sources. Maven itself has to run on a JDK 25 or later.
 */
@Mojo(
        name = "verify",
        defaultPhase = LifecyclePhase.VERIFY,
        requiresDependencyResolution = ResolutionScope.COMPILE,
        threadSafe = true)
public final class VerifyMojo extends AbstractMojo {
    /** Folders of sources: of these all Java files with JML are proved. */
    @Parameter(defaultValue = "${project.compileSourceRoots}", required = true)
    List<String> sources = List.of();

    /** Folders and jars of the classes that the sources use. */
    @Parameter(defaultValue = "${project.compileClasspathElements}", required = true)
    List<String> classpath = List.of();

    /** Whether a clause that is not proved fails the build; otherwise it is a warning. */
    @Parameter(property = "jml.fail", defaultValue = "true")
    boolean fail = true;

    /** Whether nothing is done. */
    @Parameter(property = "jml.skip", defaultValue = "false")
    boolean skip;

    /** A list of clauses that are known not to be proved, each with its reason. */
    @Parameter(property = "jml.open")
    @Nullable
    File open;

    /** Where the results are written, as {@code threehalf-contract-results/1}. */
    @Parameter(defaultValue = "${project.build.directory}/jml-results.json", required = true)
    File results = new File("jml-results.json");

    /** What names of files are relative to. */
    @Parameter(defaultValue = "${project.basedir}", readonly = true, required = true)
    File basedir = new File("");

    /** For Maven. */
    public VerifyMojo() {}

    @Override
    public void execute() throws MojoExecutionException, MojoFailureException {
        if (skip) {
            getLog().info("JML contracts: not checked (jml.skip)");
            return;
        }
        ContractReport report;
        try {
            List<Path> folders =
                    sources.stream().map(Path::of).filter(Files::isDirectory).toList();
            List<Path> files = new ArrayList<>();
            for (Path folder : folders) {
                files.addAll(ContractCheck.filesWithJml(folder));
            }
            if (files.isEmpty()) {
                getLog().info("JML contracts: no source has any");
                return;
            }
            OpenClauses excused = open == null ? OpenClauses.NONE : OpenClauses.parse(Files.readString(open.toPath()));
            Path root = basedir.toPath().toAbsolutePath().normalize();
            Lookup lookup = new Lookup(folders, classpath.stream().map(Path::of).toList());
            report = excused.mark(
                    ContractCheck.check(files, List.of(), root, lookup, Set.of(), m -> getLog().debug(m.name())), true);
            report = ContractCheck.withHollow(report, files, List.of(), root, lookup);
            ContractCheck.write(report, root, results.toPath());
        } catch (IOException e) {
            throw new MojoExecutionException("JML contracts: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MojoExecutionException("JML contracts: interrupted", e);
        }
        for (String failure : report.failures()) {
            if (fail) {
                getLog().error(failure);
            } else {
                getLog().warn(failure);
            }
        }
        String summary = "JML contracts: %d methods, %d clauses, %d conditions by %s: %s"
                .formatted(
                        report.methods().size(),
                        report.clauses(),
                        report.conditions(),
                        report.solver(),
                        report.summary());
        getLog().info(summary);
        if (fail && !report.passed()) {
            throw new MojoFailureException(summary + "; see " + results);
        }
    }
}
