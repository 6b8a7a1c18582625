"""Before a wave: is the sample going to be enough?"""
