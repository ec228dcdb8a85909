package org.threehalf.cluster;

import java.io.IOException;
import java.net.URI;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongUnaryOperator;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** A file system of Hadoop's that is this machine's disk by another name, and counts what is read of it. */
public final class MockFileSystem extends RawLocalFileSystem {
    static final AtomicLong READ = new AtomicLong();
    /** What is said of a file's length, of its own. */
    static final AtomicReference<LongUnaryOperator> LENGTH = new AtomicReference<>(LongUnaryOperator.identity());

    /** For Hadoop. */
    public MockFileSystem() {}

    /** The address of a local file. */
    static String address(java.nio.file.Path file) {
        return "mock://" + file.toAbsolutePath();
    }

    /** What Spark is told of it. */
    static String setting() {
        return "spark.hadoop.fs.mock.impl=" + MockFileSystem.class.getName();
    }

    @Override
    public URI getUri() {
        return URI.create("mock:///");
    }

    @Override
    public String getScheme() {
        return "mock";
    }

    /** Of a file whose length is not told nothing else is told either, as HTTP's has it. */
    @Override
    public FileStatus getFileStatus(Path file) throws IOException {
        FileStatus status = super.getFileStatus(file);
        long length = LENGTH.get().applyAsLong(status.getLen());
        return status.isDirectory() || length == status.getLen()
                ? status
                : new FileStatus(
                        length, false, 1, 4096, length < 0 ? 0 : status.getModificationTime(), status.getPath());
    }

    @Override
    public FSDataInputStream open(Path file, int buffer) throws IOException {
        FSDataInputStream in = super.open(file, 1);
        return new FSDataInputStream(new FSInputStream() {
            @Override
            public void seek(long to) throws IOException {
                if (LENGTH.get().applyAsLong(1) < 0) {
                    throw new UnsupportedOperationException("no way back");
                }
                in.seek(to);
            }

            @Override
            public long getPos() throws IOException {
                return in.getPos();
            }

            @Override
            public boolean seekToNewSource(long target) {
                return false;
            }

            @Override
            public int read() throws IOException {
                int one = in.read();
                READ.addAndGet(one < 0 ? 0 : 1);
                return one;
            }

            @Override
            public int read(byte[] bytes, int from, int length) throws IOException {
                int count = in.read(bytes, from, length);
                READ.addAndGet(Math.max(0, count));
                return count;
            }

            @Override
            public void close() throws IOException {
                in.close();
            }
        });
    }
}
