package sqlite
import ("testing";"time";"runtime";"binnacle/journal/journaltest";"binnacle/journal")
func TestZZ(t *testing.T){
 j,_:=openStore(t, t.TempDir()+"/x.db")
 p:=journaltest.NewPen(t)
 c:=p.Bulk("b",1000000); p=nil; runtime.GC()
 st:=time.Now(); if err:=j.Append(t.Context(),0,[]journal.Commit{c});err!=nil{t.Fatal(err)}; t.Log("append",time.Since(st))
 c=journal.Commit{}; runtime.GC()
 st=time.Now(); n:=0; _,rows,_:=j.Rows(t.Context()); for range rows {n++}; t.Log("rows",n,time.Since(st))
 st=time.Now(); r,err:=j.Proof().Verify(t.Context(),nil,nil); t.Log("verify",time.Since(st),r.Changes,len(r.Problems),err)
 var m runtime.MemStats; runtime.ReadMemStats(&m); t.Log("sys MB",m.Sys>>20)
}
