"""The verbs as a table, a row each, in columns that "|" parts; a row may go on, further in.

1. English: the base, with a particle after "_" or a sense after ":"; past and -ing form where they
   are not regular.
2. French: the infinitive; the participle where it is not regular; "be" if the perfect is made with
   être, "se" for a reflexive verb, "+x" for a French word before the object.
3. The French present for je, tu, il, nous, ils where it is not regular.
4. Tags of the nouns that do it. 5. Tags or names of the nouns that it is done to.
6. Flags: "long" (it goes on for a while), "brief" (no progressive), "state" (its past is the
   imperfect), "lie" (at rest somewhere), "way" (in a manner), "clitic" (with "him", "her" ...),
   "that" ("the book that she read"), "taste" (of a kind of thing), "swim", "air", "abroad".
"""

from __future__ import annotations

VERB_TABLE = {
    "act": """
        sleep slept sleeping | dormir dormi | dors dors dort dormons dorment
            | person animal | | long lie
        run ran running | courir couru | cours cours court courons courent
            | person animal | | long way
        sing sang singing | chanter | | person | | long
        dance | danser | | person | | long
        cry | pleurer | | person | | long
        laugh | rire ri | ris ris rit rions rient | person | |
        smile | sourire souri | souris souris sourit sourions sourient | person | |
        work | travailler | | person | | long
        play | jouer | | person animal | | long
        swim swam swimming | nager | | person swims | | way swim
        jump | sauter | | person animal | |
        walk | marcher | | person animal | | long way
        dream | rêver | | person | |
        fly flew flying | voler | | flies | | way air
        cook | cuisiner | | person | | way
        shout | crier | | person | |
        travel travelled travelling | voyager | | person | | abroad
        fall fell falling | tomber be | | person animal thing | |
        arrive | arriver be | | person vehicle | |
        leave left leaving | partir parti be | pars pars part partons partent | person vehicle | |
        stay | rester be | | person animal | | lie
        come_back came coming | revenir revenu be | reviens reviens revient revenons reviennent
            | person animal | |
        go_out went going | sortir sorti be | sors sors sort sortons sortent | person animal | |
        go_home went going | rentrer be | | person | |
    """,
    "self": """
        sit sat sitting | asseoir assis se | assieds assieds assied asseyons asseyent
            | person animal | | lie brief
        hide hid hiding | cacher se | | person animal | | lie
        stop stopped stopping | arrêter se | | person animal vehicle | |
        rest | reposer se | | person animal | | lie
        wake_up woke waking | réveiller se | | person animal | |
        hurry | dépêcher se | | person | |
        fall_asleep fell falling | endormir endormi se | endors endors endort endormons endorment
            | person animal | | lie
        stand_up stood standing | lever se | lève lèves lève levons lèvent | person animal | |
    """,
    "move": """
        go went going | aller be | vais vas va allons vont | person | to |
        return | retourner be | | person | to |
        come came coming | venir venu be | viens viens vient venons viennent | person | to |
    """,
    "dwell": """
        live | vivre vécu | vis vis vit vivons vivent | person animal | | state
    """,
    "deed": """
        eat ate eating | manger | | person animal | food | long
        see saw seeing | voir vu | vois vois voit voyons voient
            | person animal | person animal thing vehicle
              tree house castle structure | clitic that brief
        drink drank drinking | boire bu | bois bois boit buvons boivent | person | drink |
        read read reading | lire lu | lis lis lit lisons lisent | person | text | long that
        write wrote writing | écrire écrit | écris écris écrit écrivons écrivent
            | person | write | long that
        buy bought buying | acheter | achète achètes achète achetons achètent
            | person | food drink thing buy furniture | that
        sell sold selling | vendre vendu | vends vends vend vendons vendent
            | person | food thing buy furniture | that
        find found finding | trouver | | person animal | thing animal money | clitic that brief
        lose lost losing | perdre perdu | perds perds perd perdons perdent
            | person | thing pet money | that
        open | ouvrir ouvert | ouvre ouvres ouvre ouvrons ouvrent | person | open |
        close | fermer | | person | shut |
        look_at | regarder |
            | person animal | person animal thing house castle tree furniture | clitic
        look_for | chercher | | person animal | person animal thing money place | clitic
        listen_to | écouter | | person | person bird | clitic
        wait_for | attendre attendu | attends attends attend attendons attendent
            | person | person vehicle | clitic long
        hear heard hearing | entendre entendu | entends entends entend entendons entendent
            | person animal | person animal vehicle | clitic brief
        take took taking | prendre pris | prends prends prend prenons prennent
            | person | thing take money | that
        follow | suivre suivi | suis suis suit suivons suivent
            | person animal | person animal vehicle | clitic
        chase | poursuivre poursuivi | poursuis poursuis poursuit poursuivons poursuivent
            | animal | animal thief | clitic
        love | adorer | | person | animal food drink text clothes visit | state taste
        love:person | aimer | | person | person | state clitic
        like | aimer | | person | animal food drink text clothes visit | state taste
        hate | détester | | person animal | animal food drink clothes thief | state taste
        carry | porter | | person | thing furniture |
        break broke breaking | casser | | person | breaks window door chair |
        wash | laver |
            | person | vehicle clothes cup plate glass fork spoon knife apple window dog |
        draw drew drawing | dessiner | | person | person animal house tree flower map |
        paint | peindre peint | peins peins peint peignons peignent
            | person | furniture opening structure house boat flower tree |
        cut cut cutting | couper | | person | count bread cheese meat |
        forget forgot forgetting | oublier | | person | thing person money | clitic brief
        choose chose choosing | choisir choisi | choisis choisis choisit choisissons choisissent
            | person | count thing drive hotel restaurant | that
        cross | traverser | | person animal | cross |
        visit | visiter | | person | visit |
        help | aider | | person | person | clitic
        meet met meeting | rencontrer | | person | person | clitic
        push | pousser | | person | person furniture vehicle door | clitic
        catch caught catching | attraper |
            | person animal | ball thief fish bird mouse rabbit butterfly frog hen | clitic
        bite bit biting | mordre mordu | mords mords mord mordons mordent
            | animal | person animal | clitic
        drive drove driving | conduire conduit | conduis conduis conduit conduisons conduisent
            | person | drive |
        call | appeler | appelle appelles appelle appelons appellent | person | person | clitic
        wear wore wearing | porter | | person | clothes |
        kiss | embrasser | | person | person | clitic
        invite | inviter | | person | person | clitic
        thank | remercier | | person | person | clitic
        touch | toucher | | person animal | thing animal wall door |
        prepare | préparer |
            | person | cake sandwich soup meat coffee tea rice pancake suitcase |
        clean | nettoyer | nettoie nettoies nettoie nettoyons nettoient
            | person | furniture window kitchen bedroom house cup glass shoe car mirror |
        hold held holding | tenir tenu | tiens tiens tient tenons tiennent | person | thing |
        throw threw throwing | lancer | | person | ball stone glove |
        keep kept keeping | garder | | person | thing money |
        talk_to | parler +à | | person | person | clitic
        answer | répondre répondu +à | réponds réponds répond répondons répondent
            | person | person | clitic
        know knew knowing | connaître connu | connais connais connaît connaissons connaissent
            | person | person | state clitic
        enter | entrer be +dans | | person animal | enter |
    """,
    "own": """
        have had having | avoir eu | ai as a avons ont
            | person | pet thing vehicle house count brother
              cousin friend uncle aunt baby drink money | state
        want | vouloir voulu | veux veux veut voulons veulent
            | person | pet thing vehicle count drink food money house | state
        need | avoir eu +besoin +de | ai as a avons ont
            | person | thing vehicle furniture count drink food money doctor friend | state
    """,
    "give": """
        give gave giving | donner | | person | thing count money |
        show showed showing | montrer | | person | thing vehicle animal |
        lend lent lending | prêter | | person | thing vehicle money |
        send sent sending | envoyer | envoie envoies envoie envoyons envoient | person | thing |
        bring brought bringing | apporter | | person | thing food drink |
    """,
}
