module "a" {
  source = "./a"
  count = 1
}
