create database lac;
