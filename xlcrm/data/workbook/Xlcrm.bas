Attribute VB_Name = "Xlcrm"
Option Explicit
' What a button does, without touching the machine: Excel, the registry and the launcher are in module XlcrmOs.
' The launcher leaves its sentence in the status bar; its exit code is used where it could not leave one.
' What ends with three points there is only how far it had come.
Private Const SayRunning As String = "xlcrm is at work. Please wait..."
Private Const SayAction As String = "This button asks for something that xlcrm does not know. Please make the workbook again with: xlcrm new"
Private Const SayInstall As String = "xlcrm is not installed for you on this computer yet. Open a terminal once and run: xlcrm install"
Private Const SaySave As String = "Please save this workbook first, then click again."
Private Const SayReadOnly As String = "This workbook is open for reading only. Click Enable Editing, or close the other copy, then click again."
Private Const SayDone As String = "Done."
Private Const SayLook As String = "Finished. Please look at the sheet Problems; if it is empty, there was nothing to do."
Private Const SayRefused As String = "Nothing was changed. Save and close the workbook, run xlcrm doctor in a terminal and do what it says."
Private Const SayBusy As String = "Excel was busy. Leave the cell that you are editing (Enter or Esc), then click again."
Private Const SayStopped As String = "xlcrm stopped before it was done. Open a terminal and run: xlcrm doctor"
Private Const SayBlocked As String = "Excel could not start xlcrm, and nothing was changed. Your organisation may forbid Excel to start programs. Open a terminal and run: xlcrm doctor"
Private Const SaySettings As String = "Excel did not take its settings back. Please look whether Formulas, Calculation Options is Automatic."
Private Running As Boolean

Public Sub XlcrmClick(control As IRibbonControl)
    XlcrmRun control.Tag
End Sub

Public Sub XlcrmRun(ByVal Action As String)
    Dim Refusal As String, Code As Long
    If Running Then If XlcrmStillAtWork() Then Exit Sub
    Refusal = XlcrmWhyNot(Action, XlcrmBookFolder(), XlcrmBookReadOnly(), XlcrmLauncher())
    If Len(Refusal) > 0 Then XlcrmSay Refusal: Exit Sub
    ' what the run before has switched off is not what is to come back
    If Not Running Then XlcrmSettings False
    Running = True
    XlcrmStatus SayRunning
    If XlcrmStart(Action & " --book " & XlcrmEncode(XlcrmBookName()), Code) Then XlcrmDone Code
End Sub

' True where the run is over: it has ended, or could not be started. The handler is left before anything is shown.
Private Function XlcrmStart(ByVal Arguments As String, ByRef Code As Long) As Boolean
    On Error GoTo Failed
    XlcrmStart = XlcrmLaunch(Arguments, Code)
    Exit Function
Failed:
    Code = -1
    XlcrmStart = True
End Function

' Called when the launcher has ended: by XlcrmRun on Windows, by Python on a Mac.
Public Sub XlcrmDone(ByVal Code As Long)
    Dim Sentence As String
    Sentence = XlcrmStatusText()
    Running = False
    If Len(Sentence) = 0 Or Right$(Sentence, 3) = "..." Then Sentence = XlcrmExplain(Code)
    If Not XlcrmSettings(True) Then Sentence = Sentence & " " & SaySettings
    XlcrmStatus ""
    XlcrmSay Sentence
End Sub

Public Function XlcrmWhyNot(ByVal Action As String, ByVal Folder As String, ByVal IsReadOnly As Boolean, ByVal Launcher As String) As String
    If Not (Action Like "[a-z]*") Or (Action Like "*[!a-z-]*") Then
        XlcrmWhyNot = SayAction
    ElseIf Len(Launcher) = 0 Then
        XlcrmWhyNot = SayInstall
    ElseIf Len(Folder) = 0 Then
        XlcrmWhyNot = SaySave
    ElseIf IsReadOnly Then
        XlcrmWhyNot = SayReadOnly
    End If
End Function

Public Function XlcrmExplain(ByVal Code As Long) As String
    Select Case Code
        Case 0: XlcrmExplain = SayDone
        Case 1: XlcrmExplain = SayLook
        Case 2: XlcrmExplain = SayRefused
        Case 3: XlcrmExplain = SayBusy
        Case -1: XlcrmExplain = SayBlocked
        Case Else: XlcrmExplain = SayStopped & " (" & Code & ")"
    End Select
End Function

' Whether VBA's own box shows every letter whatever the computer's code page: ASCII alone is the same in all of them.
Public Function XlcrmPlain(ByVal Text As String) As Boolean
    XlcrmPlain = Not (Text Like "*[! -~]*")
End Function

' A name that no shell can read as anything else: all but letters, digits, point and hyphen as + and four hex digits.
Public Function XlcrmEncode(ByVal Name As String) As String
    Dim Position As Long, Letter As String, Encoded As String
    For Position = 1 To Len(Name)
        Letter = Mid$(Name, Position, 1)
        If Not (Letter Like "[A-Za-z0-9.-]") Then Letter = "+" & Right$("000" & Hex$(CLng(AscW(Letter)) And &HFFFF&), 4)
        Encoded = Encoded & Letter
    Next Position
    XlcrmEncode = Encoded
End Function
