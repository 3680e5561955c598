"""The nouns as a table, a line each: English, French, gender, and tags.

``english[/plural] french[/plural] gender tag tag ...``; a plural is given where it is not regular.
Every noun also has the tags of its heading. Places have the prepositions that fit ("in", "at",
"on"), "to" if one goes there, and "cross", "enter", "visit". Things have what one does with them.
"own" marks people, animals and places that "my" goes with.
"""

from __future__ import annotations

NOUN_TABLE = {
    "person": """
        man/men homme m adult
        woman/women femme f adult
        boy garçon m
        girl fille f
        child/children enfant m own
        teacher professeur m job adult own
        student étudiant m job own
        friend ami m own
        doctor médecin m job adult own
        king roi m adult
        queen reine f adult
        baker boulanger m job adult own
        farmer fermier m job adult
        mother mère f adult own
        father père m adult own
        brother frère m own
        sister sœur f own
        baby bébé m own
        neighbour voisin m adult own
        singer chanteur m job adult
        soldier soldat m job adult
        painter peintre m job adult
        uncle oncle m adult own
        aunt tante f adult own
        cousin cousin m own
        grandmother grand-mère/grands-mères f adult own
        grandfather grand-père/grands-pères m adult own
        prince prince m
        princess princesse f
        waiter serveur m adult
        thief/thieves voleur m adult
        tourist touriste m adult
        dancer danseur m adult
        actor acteur m adult
        lawyer avocat m job adult own
    """,
    "animal": """
        cat chat m pet own
        dog chien m pet own
        bird oiseau m flies own
        horse cheval/chevaux m own
        cow vache f own
        mouse/mice souris f
        fish/fish poisson m swims own
        rabbit lapin m pet own
        sheep/sheep mouton m own
        bear ours m
        wolf/wolves loup m
        fox renard m
        duck canard m flies swims own
        frog grenouille f swims
        bee abeille f flies
        monkey singe m
        lion lion m
        elephant éléphant m
        turtle tortue f swims own
        animal animal/animaux m own
        pig cochon m own
        hen poule f own
        goat chèvre f own
        snake serpent m
        tiger tigre m
        butterfly papillon m flies
        spider araignée f
        owl hibou/hiboux m flies
        giraffe girafe f
        donkey âne m own
    """,
    "food count": """
        apple pomme f
        cake gâteau m
        egg œuf m
        carrot carotte f
        banana banane f
        sandwich sandwich m
        cherry cerise f
        pear poire f
        orange orange f
        strawberry fraise f
        tomato/tomatoes tomate f
        onion oignon m
        lemon citron m
        pancake crêpe f
        mushroom champignon m
    """,
    "food mass": """
        bread pain m
        cheese fromage m
        soup soupe f hot
        meat viande f
        butter beurre m
        rice riz m hot
        chocolate chocolat m
        honey miel m
        jam confiture f
    """,
    "drink mass": """
        coffee café m hot
        tea thé m hot
        wine vin m
        juice jus m
        water eau f hot
        milk lait m hot
    """,
    "thing": """
        book livre m text open page shut
        letter lettre f text open write
        newspaper journal/journaux m text
        poem poème m text write
        story histoire f text write
        key clé f
        ball balle f
        flower fleur f nature colour
        pen stylo m colour
        bag sac m open colour holds shut
        box boîte f open colour holds shut
        cup tasse f breaks colour
        knife/knives couteau m
        photo photo f
        picture image f
        phone téléphone m breaks
        clock horloge f breaks
        lamp lampe f breaks
        gift cadeau m open
        doll poupée f
        stone caillou/cailloux m
        umbrella parapluie m open colour shut
        glass verre m breaks
        pencil crayon m colour
        ticket billet m
        map carte f
        bottle bouteille f breaks open shut
        plate assiette f breaks
        fork fourchette f
        spoon cuillère f
        computer ordinateur m breaks
        mirror miroir m breaks
        toy jouet m breaks
        candle bougie f
        basket panier m holds
        suitcase valise f open colour holds shut
        blanket couverture f colour
        guitar guitare f
    """,
    "thing clothes colour": """
        hat chapeau m
        coat manteau m
        shoe chaussure f
        shirt chemise f
        dress robe f
        skirt jupe f
        scarf/scarves écharpe f
        jacket veste f
        boot botte f
        glove gant m
    """,
    "furniture": """
        table table f under on
        chair chaise f under on
        bed lit m under on
        mat tapis m on
        sofa canapé m on
        bench banc m under on
        armchair fauteuil m on
    """,
    "structure": """
        roof toit m on
        wall mur m on near paint
    """,
    "opening": """
        window fenêtre f open shut
        door porte f open shut
    """,
    "place": """
        house maison f in buy enter near own
        garden jardin m in to cross enter own
        school école f at to visit near own
        street rue f in cross own wide
        city ville f in cross visit own
        park parc m in to cross enter
        forest forêt f in cross enter visit
        kitchen cuisine f in enter own
        market marché m at to visit
        church église f in to enter visit near own
        hospital hôpital/hôpitaux m at to near
        river rivière f to cross swim wide
        beach plage f on to visit
        station gare f at to near visit
        library bibliothèque f at to enter visit near
        restaurant restaurant m at to enter own
        farm ferme f at to visit buy near own
        castle château m in to enter visit buy near own
        island île f on visit
        village village m in to visit near own
        bridge pont m on cross near wide
        field champ m in cross own wide
        hotel hôtel m at to enter near
        road route f on cross wide
        museum musée m at to enter visit near
        cinema cinéma m at to near
        bakery boulangerie f at to enter near
        shop magasin m in to enter own
        airport aéroport m at to near
        theatre théâtre m at to visit near
        bank banque f at to near
        bedroom chambre f in enter own
        desert désert m in cross wide
        zoo zoo m at to visit
    """,
    "vehicle colour": """
        car voiture f drive buy take
        train train m take
        boat bateau m buy take
        bike vélo m buy take
        bus/buses bus m drive take
        plane avion m flies take
        truck camion m drive buy
        taxi taxi m drive take
    """,
    "tree": """
        tree arbre m under near
    """,
    "money mass": """
        money argent m
    """,
}
