@echo off
rem threehalf: starts ThreeHalf's command line from an unpacked download. Needs a JDK 25 or later: the one of JAVA_HOME, or the java on PATH.
setlocal
set "root=%~dp0.."
set "java=java"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java"
set "main=org.threehalf.cli.ThreeHalf"
set "arguments=%*"
if "%~1"=="verify" set "main=org.threehalf.proofs.prover.VerifyCommand" & goto shifted
if "%~1"=="evidence" set "main=org.threehalf.proofs.EvidenceCommand" & goto shifted
goto start
:shifted
for /f "tokens=1,*" %%a in ("%*") do set "arguments=%%b"
:start
"%java%" %JAVA_OPTS% --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED -Dthreehalf.root="%root%" -cp "%root%\lib\*" %main% %arguments%
exit /b %errorlevel%
