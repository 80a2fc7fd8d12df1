import sys
from tests.agents.conftest import *
async def test_try(desk):
    async def g(w, a='guide_agent'):
        m=await desk.ask(AgentType(a), w); print(f"\n### {a}: {w}\n{m.content}\n  -> {[ (x.label) for x in m.actions]} ctx={m.orchestrator_context and m.orchestrator_context['status']} {m.status}")
    await g('hi'); await g('our customers pay late'); await g('what next'); await g('how does it work'); await g('who are you'); await g('wie viele zeilen hat die datei und wie geht das'); await g("what's the weather"); await g('draw a chart'); await g('which files do i have')
    await g('help','content_liaison'); await g('how many rows','content_liaison')
    f=await desk.upload('claims.csv',CLAIMS); await desk.upload('notes.md',NOTES); await desk.upload('broken.pdf',b'%PDF-1.4 garbage')
    for m in (await desk.session()).conversations['content_liaison'].messages: print('REPORT' if m.run_id is None else '', m.content[:300])
    for w in ['what is happening','what did you find','what failed','what next','hello']: await g(w)
    for w in ['which files do i have','whats in claims','which columns','gimme the first 3 rows of claims.csv','any problems with the data?','which columns have blanks','average premium','statistics','who wrote notes.md','how many rows','why was broken.pdf rejected','and claims.csv?','analyse claims again','stop it','export it','delete it','plot premium by region','are there duplicates','region','how long is notes.md','show me notes']: await g(w,'content_liaison')
    await desk.settled()
    for a in ('insights_liaison','operations_liaison','business_outcomes_liaison'):
        for w in ['hi','analyse trends','create an sop','what data do you need','which files can you use','asdf jklö']: await g(w,a)
