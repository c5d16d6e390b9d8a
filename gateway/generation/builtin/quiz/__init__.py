"""The quiz of a course, made of its sources alone: every key stands in the span that its item cites."""

from gateway.generation.builtin.quiz.setting import Examiner, Quiz, make_quiz

__all__ = ["Examiner", "Quiz", "make_quiz"]
