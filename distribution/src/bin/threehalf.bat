@echo off
rem threehalf: starts ThreeHalf's command line from an unpacked download. Needs a JDK 25 or later: the one of JAVA_HOME, or the java on PATH.
setlocal
set "root=%~dp0.."
set "java=java"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java"
"%java%" %JAVA_OPTS% --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED -Dthreehalf.root="%root%" -cp "%root%\lib\*" org.threehalf.cli.ThreeHalf %*
exit /b %errorlevel%
