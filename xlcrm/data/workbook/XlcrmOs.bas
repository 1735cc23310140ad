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
    Code = CreateObject("WScript.Shell").Run(Chr$(34) & XlcrmLauncher() & Chr$(34) & " " & Arguments & " --hwnd " & Application.Hwnd, 0, True)
    XlcrmLaunch = True
#End If
End Function

' A Mac does not wait, and so cannot know whether the last click is done: the person is asked. After No a new run
' starts; where the last one is still at work, the workbook's lock refuses the second one.
Public Function XlcrmStillAtWork() As Boolean
    XlcrmStillAtWork = (XlcrmBox(SayStillRunning, vbYesNo + vbQuestion) = vbYes)
End Function

' What the launcher left there. Where the status bar is Excel's own it is False, in some versions the word.
Public Function XlcrmStatusText() As String
    Dim Shown As Variant
    On Error Resume Next
    Shown = Application.StatusBar
    If VarType(Shown) = vbString Then If UCase$(Shown) <> "FALSE" Then XlcrmStatusText = Shown
End Function

Public Sub XlcrmStatus(ByVal Text As String)
    On Error Resume Next
    Application.StatusBar = IIf(Len(Text) = 0, False, Text)
End Sub

' Python puts Excel's settings back itself; this is for a Python that was ended, or that Excel did not listen to.
' False where Excel refuses one of them, as it does while a cell is edited: the others come back all the same.
Public Function XlcrmSettings(ByVal PutBack As Boolean) As Boolean
    Static Events As Boolean, Calculation As Long
    On Error Resume Next
    If Not PutBack Then Events = Application.EnableEvents: Calculation = Application.Calculation
    If PutBack And Calculation <> 0 Then
        Application.ScreenUpdating = True
        Application.EnableEvents = Events
        Application.Calculation = Calculation
    End If
    XlcrmSettings = (Err.Number = 0)
End Function

Public Sub XlcrmSay(ByVal Text As String)
    XlcrmBox Text, vbInformation
End Sub

' MsgBox knows the letters of one code page. A text with others is shown by Windows Script Host, or by AppleScript, which
' know all; the function of Win32 behind MsgBox is what many organisations forbid macros to call.
Private Function XlcrmBox(ByVal Text As String, ByVal Style As Long) As Long
    On Error Resume Next
    If Not XlcrmPlain(Text) Then
#If Mac Then
        XlcrmBox = CLng(AppleScriptTask(ScriptName, "xlcrmSay", Style & " " & Text))
#Else
        XlcrmBox = CreateObject("WScript.Shell").Popup(Text, 0, "xlcrm", Style + vbSystemModal)
#End If
    End If
    On Error GoTo 0
    If XlcrmBox = 0 Then XlcrmBox = MsgBox(Text, Style, "xlcrm")
End Function

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
