@echo off
rem threehalf: starts ThreeHalf's command line from an unpacked download. Needs a JDK 25 or later: the one of JAVA_HOME, or the java on PATH.
setlocal
set "root=%~dp0.."
set "java=java"
set "soon="
rem What ends soon gains little from the second compiler: see the shell script of the same name.
for %%c in (generate chat inspect tokenize backends doctor) do if "%~1"=="%%c" set "soon=-XX:+IgnoreUnrecognizedVMOptions -XX:Tier4InvocationThreshold=150000 -XX:Tier4MinInvocationThreshold=20000 -XX:Tier4CompileThreshold=450000 -XX:Tier4BackEdgeThreshold=1200000 -XX:CompileCommand=quiet -XX:CompileCommand=CompileThresholdScaling,org.threehalf.kernels.*::*,0.03 -XX:CompileCommand=CompileThresholdScaling,jdk.incubator.vector.*::*,0.03"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java"
"%java%" %soon% %JAVA_OPTS% --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED -Dthreehalf.root="%root%" -cp "%root%\lib\*" org.threehalf.cli.ThreeHalf %*
exit /b %errorlevel%
