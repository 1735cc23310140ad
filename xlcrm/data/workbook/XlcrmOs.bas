Attribute VB_Name = "XlcrmOs"
Option Explicit
' All contact with Excel and the machine. `xlcrm install` writes the registry value or the script named here.
Private Const LauncherKey As String = "HKCU\Software\xlcrm\launcher"
Private Const ScriptName As String = "xlcrm-1.applescript"
Private Const SayStillRunning As String = "xlcrm is still at work on the last click. Wait for it?"

Public Function XlcrmBookFolder() As String
    XlcrmBookFolder = ThisWorkbook.Path
End Function

Public Function XlcrmBookName() As String
    XlcrmBookName = ThisWorkbook.Name
End Function

Public Function XlcrmBookReadOnly() As Boolean
    XlcrmBookReadOnly = ThisWorkbook.ReadOnly
End Function

Public Function XlcrmWindow() As String
#If Mac Then
    XlcrmWindow = "0"
#Else
    XlcrmWindow = CStr(Application.Hwnd)
#End If
End Function

' The launcher's path, or nothing where xlcrm is not installed for this user.
Public Function XlcrmLauncher() As String
    On Error Resume Next
#If Mac Then
    XlcrmLauncher = AppleScriptTask(ScriptName, "xlcrmLauncher", "")
#Else
    XlcrmLauncher = CreateObject("WScript.Shell").RegRead(LauncherKey)
#End If
End Function

' True with the exit code where the launcher has ended (Windows waits), False where Python will call XlcrmDone (Mac).
Public Function XlcrmLaunch(ByVal Arguments As String, ByRef Code As Long) As Boolean
#If Mac Then
    AppleScriptTask ScriptName, "xlcrmRun", Arguments
#Else
    Code = CreateObject("WScript.Shell").Run(Chr$(34) & XlcrmLauncher() & Chr$(34) & " " & Arguments, 0, True)
    XlcrmLaunch = True
#End If
End Function

' On Windows a second click while the first one waits is always too early; a Mac cannot know, so the person is asked.
Public Function XlcrmStillAtWork() As Boolean
#If Mac Then
    XlcrmStillAtWork = (MsgBox(SayStillRunning, vbYesNo + vbQuestion, "xlcrm") = vbYes)
#Else
    XlcrmStillAtWork = True
#End If
End Function

' What the launcher left there. Where the status bar is Excel's own it is False, in some versions the word.
Public Function XlcrmStatusText() As String
    Dim Shown As Variant
    Shown = Application.StatusBar
    If VarType(Shown) <> vbString Then Exit Function
    If UCase$(Shown) <> "FALSE" Then XlcrmStatusText = Shown
End Function

Public Sub XlcrmStatus(ByVal Text As String)
    If Len(Text) = 0 Then
        Application.StatusBar = False
    Else
        Application.StatusBar = Text
    End If
End Sub

Public Sub XlcrmSay(ByVal Text As String)
    MsgBox Text, vbInformation, "xlcrm"
End Sub

' For Python: Excel for Mac lets only macros save a copy, and the window that asks for a file is Excel's own.
Public Sub XlcrmSaveCopy(ByVal Path As String)
    ThisWorkbook.SaveCopyAs Path
End Sub

Public Function XlcrmAskFile() As String
    Dim Chosen As Variant
    Chosen = Application.GetOpenFilename()
    If VarType(Chosen) = vbString Then XlcrmAskFile = Chosen
End Function

Public Function XlcrmAsk(ByVal Question As String) As String
    XlcrmAsk = InputBox(Question, "xlcrm")
End Function
