package org.threehalf.backends.cuda;

import java.util.Optional;
import net.jqwik.api.lifecycle.AroundContainerHook;
import net.jqwik.api.lifecycle.ContainerLifecycleContext;
import net.jqwik.api.lifecycle.LifecycleContext;
import net.jqwik.api.lifecycle.Lifespan;
import net.jqwik.api.lifecycle.ParameterResolutionContext;
import net.jqwik.api.lifecycle.PropagationMode;
import net.jqwik.api.lifecycle.ResolveParameterHook;
import net.jqwik.api.lifecycle.Store;

/**
 * Gives a class's properties the one backend on the emulated device that they share, as a parameter of type
 * {@link SharedBackend}, and closes it after the last of them: the device then finds memory that was never given back.
 * For {@code @AddLifecycleHook}.
 */
public final class OnEmulatedDevice implements ResolveParameterHook, AroundContainerHook {

    /** For jqwik. */
    public OnEmulatedDevice() {}

    @Override
    public PropagationMode propagateTo() {
        return PropagationMode.ALL_DESCENDANTS;
    }

    @Override
    public void beforeContainer(ContainerLifecycleContext context) {
        Store.create(OnEmulatedDevice.class, Lifespan.RUN, SharedBackend::new);
    }

    @Override
    public void afterContainer(ContainerLifecycleContext context) {
        shared().close();
    }

    @Override
    public Optional<ParameterSupplier> resolve(ParameterResolutionContext parameter, LifecycleContext context) {
        return parameter.typeUsage().isOfType(SharedBackend.class) ? Optional.of(forTry -> shared()) : Optional.empty();
    }

    private static SharedBackend shared() {
        return Store.<SharedBackend>get(OnEmulatedDevice.class).get();
    }
}
