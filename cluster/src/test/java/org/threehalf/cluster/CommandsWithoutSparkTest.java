package org.threehalf.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;

/**
 * The download has these commands and no Spark: what picocli reads of a class to list them, which is all of its
 * declared members, names no type of Spark's.
 */
class CommandsWithoutSparkTest {
    private static final List<Class<?>> READ = List.of(
            ClusterQuantizeCommand.class,
            ClusterPerplexityCommand.class,
            ClusterConformanceCommand.class,
            ClusterGenerateCommand.class,
            SparkOptions.class);

    private static List<String> ofSpark(Class<?> type) {
        List<String> found = new ArrayList<>();
        for (Method method : type.getDeclaredMethods()) {
            Stream.concat(Stream.of(method.getReturnType()), Arrays.stream(method.getParameterTypes()))
                    .filter(CommandsWithoutSparkTest::foreign)
                    .forEach(t -> found.add(method + ": " + t));
        }
        for (Field field : type.getDeclaredFields()) {
            if (foreign(field.getType())) {
                found.add(field.toString());
            }
        }
        return found;
    }

    private static boolean foreign(Class<?> type) {
        return type.getName().startsWith("org.apache.") || type.getName().startsWith("scala.");
    }

    @Test
    void noMemberIsOfSpark() {
        for (Class<?> type : READ) {
            assertEquals(List.of(), ofSpark(type));
        }
    }

    private static final class Wrong {
        SparkConf conf(SparkConf other) {
            return other;
        }
    }

    @Test
    void aMemberOfSparkIsFound() {
        assertEquals(2, ofSpark(Wrong.class).size());
    }
}
